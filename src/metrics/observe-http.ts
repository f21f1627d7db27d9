import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Times every answer. Call it before routes are registered. */
export function observeHttp(instance: Pick<FastifyInstance, 'addHook'>, { http }: Metrics): void {
  instance.addHook('onResponse', (request, reply, done) => {
    // A path that has no route is not repeated: anybody could make up any number of them.
    const route = request.routeOptions.url ?? 'none';
    http.series(request.method, route, reply.statusCode).observe(reply.elapsedTime / 1000);
    done();
  });
}
