import { performance } from 'node:perf_hooks';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotMetadata } from '../raft/index.js';
import { LoopShare } from './loop-share.js';
import type { SnapshotPlan } from './loop-effects.js';

/**
 * Writes a state of this node, a chunk at a time so that others have the larger part of the event loop, and makes it
 * the newest snapshot, durable when the promise resolves.
 *
 * @param beforeChunk - Called before each chunk; a rejection ends the work, and the draft stays.
 */
export async function writeSnapshot(
  store: SnapshotStore,
  plan: SnapshotPlan,
  beforeChunk: (chunk: number) => Promise<void> = () => Promise.resolve(),
): Promise<SnapshotMetadata> {
  let chunkCount = 0;
  let byteCount = 0;
  await store.begin('local');
  const share = new LoopShare();
  for (const [chunk, workMs] of timed(plan.chunks)) {
    await beforeChunk(chunkCount);
    await store.write('local', chunkCount, chunk);
    chunkCount += 1;
    byteCount += chunk.length;
    await share.rest(workMs);
  }
  const metadata = { ...plan.position, chunkCount, byteCount };
  await store.commit('local', metadata);
  return metadata;
}

/** Each chunk with the milliseconds that making it took. */
function* timed(chunks: Iterable<Uint8Array>): Generator<readonly [chunk: Uint8Array, workMs: number], void> {
  let sinceMs = performance.now();
  for (const chunk of chunks) {
    yield [chunk, performance.now() - sinceMs];
    sinceMs = performance.now();
  }
}
