import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Where requests are answered. */
interface Answering {
  getInstance(): Pick<FastifyInstance, 'addHook'>;
  /** Answers that the framework does not see. */
  readonly writeRefusals: { onRefused: (refused: { method: string; route: string; seconds: number }) => void };
}

/** Times every answer. Call it before routes are registered. */
export function observeHttp(adapter: Answering, { http }: Metrics): void {
  adapter.writeRefusals.onRefused = ({ method, route, seconds }) => {
    http.series(method, route, 503).observe(seconds);
  };
  adapter.getInstance().addHook('onResponse', (request, reply, done) => {
    // A path that has no route is not repeated: anybody could make up any number of them.
    const route = request.routeOptions.url ?? 'none';
    http.series(request.method, route, reply.statusCode).observe(reply.elapsedTime / 1000);
    done();
  });
}
