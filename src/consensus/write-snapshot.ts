import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotMetadata } from '../raft/index.js';
import type { SnapshotPlan } from './loop-effects.js';

/**
 * Writes a state of this node, a chunk at a time so that others have their turn, and makes it the newest snapshot, durable when the promise resolves.
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
  for (const chunk of plan.chunks) {
    await beforeChunk(chunkCount);
    await store.write('local', chunkCount, chunk);
    chunkCount += 1;
    byteCount += chunk.length;
    await nextTurn();
  }
  const metadata = { ...plan.position, chunkCount, byteCount };
  await store.commit('local', metadata);
  return metadata;
}
