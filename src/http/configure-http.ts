import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RaftService } from '../consensus/raft.service.js';
import { assert } from '../lib/assert.js';
import { HttpAdapter } from './http-adapter.js';
import { setUpExplorer } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';

/**
 * Completes an application that was created with `createHttpAdapter`: errors become problems, writes are refused while too
 * many wait, and `/docs` shows the interface. To be called once, before the application listens.
 */
export function configureHttp(app: NestFastifyApplication): void {
  const adapter = app.getHttpAdapter();
  assert(adapter instanceof HttpAdapter, 'the application is created with createHttpAdapter');
  const raft = app.get(RaftService, { strict: false });
  adapter.writeRefusals.guard({
    isFull: () => raft.isFull,
    noteRefusal: () => {
      raft.noteRefusal();
    },
  });
  app.useGlobalFilters(new ProblemFilter(adapter.routes));
  setUpExplorer(app);
}
