import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Times every answer. Call it before routes are registered. */
export function observeHttp(instance: Pick<FastifyInstance, 'addHook'>, { http }: Metrics): void {
  const known = new Map<string, ReturnType<typeof http.labels>>();
  instance.addHook('onResponse', (request, reply, done) => {
    // A path that has no route is not repeated: anybody could make up any number of them.
    const route = request.routeOptions.url ?? 'none';
    const name = `${request.method} ${reply.statusCode} ${route}`;
    let observer = known.get(name);
    if (observer === undefined) {
      observer = http.labels(request.method, route, String(reply.statusCode));
      known.set(name, observer);
    }
    observer.observe(reply.elapsedTime / 1000);
    done();
  });
}
