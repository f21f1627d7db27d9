import 'reflect-metadata';
import { parentPort, workerData } from 'node:worker_threads';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { assert } from '../lib/assert.js';
import { prepareDataDirectory } from './data-directory.js';
import { logFile, snapshotFile } from './data-source.js';
import { closed } from './storage.errors.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { StorageWarnings, TypeormSnapshotStore } from './typeorm-snapshot-store.js';
import { WorkerHostModule } from './worker-host.module.js';
import { fromWireMetadata, toWireError, toWireMetadata } from './worker-protocol.js';
import type { WorkerCallName, WorkerCalls, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.js';

/** Entry file of the storage worker: a Nest application of its own, so that a slow disk never stops the main thread. */

interface Stores {
  readonly context: INestApplicationContext;
  readonly log: TypeormBatchStore;
  readonly snapshots: TypeormSnapshotStore;
}

class ReplyWarnings extends StorageWarnings {
  warn(message: string): void {
    reply({ kind: 'warning', message });
  }
}

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker thread');
const { dataDir } = workerData as WorkerSettings;
let stores: Stores | null = null;

port.on('message', (request: WorkerRequest) => {
  answer(request).then(
    (result) => {
      reply({ kind: 'done', id: request.id, result });
    },
    (error: unknown) => {
      reply({ kind: 'failed', id: request.id, error: toWireError(error) });
    },
  );
});

/** Up to the call of the store this is synchronous, so the stores see the calls in the order of the messages. */
async function answer(request: WorkerRequest): Promise<WorkerCalls[WorkerCallName]['result']> {
  if (request.name === 'open') {
    return open(request.id, request.argument.nodeId);
  }
  if (stores === null) {
    throw closed();
  }
  const { log, snapshots } = stores;
  switch (request.name) {
    case 'write':
      return nothing(log.write(request.argument));
    case 'setClusterId':
      return nothing(log.setClusterId(request.argument.clusterId));
    case 'compact':
      return nothing(log.compact(request.argument.index));
    case 'close':
      return nothing(close(stores));
    default:
      return answerSnapshots(snapshots, request);
  }
}

async function answerSnapshots(
  snapshots: TypeormSnapshotStore,
  request: Exclude<WorkerRequest, { name: 'open' | 'write' | 'setClusterId' | 'compact' | 'close' }>,
): Promise<WorkerCalls[WorkerCallName]['result']> {
  switch (request.name) {
    case 'latestSnapshot': {
      const metadata = await snapshots.latest();
      return metadata === null ? null : toWireMetadata(metadata);
    }
    case 'beginSnapshot':
      return nothing(snapshots.begin(request.argument.draft));
    case 'writeChunk': {
      const { draft, chunk, data } = request.argument;
      return nothing(snapshots.write(draft, chunk, data));
    }
    case 'commitSnapshot':
      return nothing(snapshots.commit(request.argument.draft, fromWireMetadata(request.argument.metadata)));
    case 'discardSnapshot':
      return nothing(snapshots.discard(request.argument.draft));
    case 'readChunk':
      return snapshots.read(request.argument.index, request.argument.chunk);
  }
}

async function open(requestId: number, nodeId: string): Promise<WorkerCalls['open']['result']> {
  const isFirst = stores === null;
  const current = stores ?? (await boot());
  stores = current;
  try {
    const opened = await current.log.open(nodeId, (batch) => {
      reply({ kind: 'batch', id: requestId, batch });
    });
    await current.snapshots.open(opened.identity.instanceId, opened.base.index);
    return opened;
  } catch (error) {
    if (isFirst) {
      await close(current);
    }
    throw error;
  }
}

async function boot(): Promise<Stores> {
  const warnings = new ReplyWarnings();
  prepareDataDirectory(dataDir, [logFile, snapshotFile], (message) => {
    warnings.warn(message);
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest types its options as a class that it does not export.
  const context = await NestFactory.createApplicationContext(WorkerHostModule.register(dataDir, warnings), quiet);
  return { context, log: context.get(TypeormBatchStore), snapshots: context.get(TypeormSnapshotStore) };
}

/** The log last: it holds the lock of the directory. */
async function close({ context, log, snapshots }: Stores): Promise<void> {
  await snapshots.close();
  await log.close();
  stores = null;
  await context.close();
}

async function nothing(done: Promise<void>): Promise<null> {
  await done;
  return null;
}

/** By copy, like the requests: the lists of buffers to transfer stay empty. */
function reply(message: WorkerReply): void {
  port?.postMessage(message);
}
