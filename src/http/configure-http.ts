import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assert } from '../lib/assert.js';
import { HttpAdapter } from './http-adapter.js';
import { setUpExplorer } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';

/**
 * Completes an application that was created with `createHttpAdapter`: errors become problems, and `/docs` shows the
 * interface. To be called once, before the application listens.
 */
export function configureHttp(app: NestFastifyApplication): void {
  const adapter = app.getHttpAdapter();
  assert(adapter instanceof HttpAdapter, 'the application is created with createHttpAdapter');
  app.useGlobalFilters(new ProblemFilter(adapter.routes));
  setUpExplorer(app);
}
