import 'reflect-metadata';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../lib/assert.js';
import type { ProofStep } from '../ports/snapshot-store.port.js';
import { ProofWindow } from './proof-window.js';
import type { SqlStores } from './sql-stores.js';
import { startSqliteStores } from './sqlite-stores.js';
import { StorageWarnings } from './storage-warnings.js';
import { closed } from './storage.errors.js';
import type { TypeormSnapshotStore } from './typeorm-snapshot-store.js';
import { toWireError } from './to-wire-error.js';
import { fromWireMetadata, ownMemory, toWireMetadata } from './worker-protocol.js';
import type { WorkerCallName, WorkerCalls, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.js';

/** Entry file of the storage worker, so that a slow disk never stops the main thread. */

type AnyResult = WorkerCalls[WorkerCallName]['result'];
type LogCallName = 'open' | 'write' | 'setClusterId' | 'compact' | 'close';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker thread');
const { dataDir } = workerData as WorkerSettings;
const warnings = new StorageWarnings((message) => {
  reply({ kind: 'warning', message });
});
let stores: SqlStores | null = null;
const proofWindow = new ProofWindow();

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
async function answer(request: WorkerRequest): Promise<AnyResult> {
  if (request.name === 'open') {
    return open(request.id, request.argument.nodeId);
  }
  if (request.name === 'proofTaken') {
    proofWindow.noteTaken(request.argument.steps);
    return null;
  }
  if (stores === null) {
    throw closed();
  }
  const { log, snapshots } = stores;
  switch (request.name) {
    case 'write':
      return nothing(log.write(request.argument));
    case 'setClusterId':
      return nothing(log.setClusterId(request.argument.clusterId, request.argument.write));
    case 'compact':
      return nothing(log.compact(request.argument.index));
    case 'close':
      return nothing(stores.close());
    default:
      return answerSnapshots(snapshots, request);
  }
}

async function answerSnapshots(
  snapshots: TypeormSnapshotStore,
  request: Exclude<WorkerRequest, { name: LogCallName | 'proofTaken' }>,
): Promise<AnyResult> {
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

/** Data that cannot be opened at the first try are let go of, so that another process may look at them. */
async function open(requestId: number, nodeId: string): Promise<AnyResult> {
  const isFirst = stores === null;
  const current = stores ?? (await startSqliteStores(dataDir, warnings));
  stores = current;
  current.snapshots.onProof = tellProof;
  try {
    return await current.open(nodeId, (batch) => {
      // Nobody here looks at the entries any more.
      reply({ kind: 'batch', id: requestId, batch }, ownMemory(batch.payload));
    });
  } catch (error) {
    if (isFirst) {
      stores = null;
      await current.close();
    }
    throw error;
  }
}

/** The chunk goes to the main thread as it is: nobody here looks at it any more. */
async function tellProof(step: ProofStep): Promise<void> {
  reply({ kind: 'proof', step }, step.kind === 'chunk' ? ownMemory(step.data) : []);
  await proofWindow.enter();
}

async function nothing(done: Promise<void>): Promise<null> {
  await done;
  return null;
}

/** By copy, like the requests, but for the buffers of `moved`. */
function reply(message: WorkerReply, moved: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, moved);
}
