import { performance } from 'node:perf_hooks';
import { ByteWriter } from '../lib/bytes.js';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotMetadata } from '../raft/index.js';
import { LoopShare } from './loop-share.js';
import type { SnapshotPlan } from './loop-effects.js';

/** Bytes of a chunk at most: a row of the store, a message to a follower, and no longer than the state machine reads. */
const chunkBytesMax = 256 * 1024;

/** Pieces are made one behind the other for so long, in milliseconds, before others have their part of the event loop. */
const WORK_MS = 1;

/**
 * Writes a state of this node, a little at a time so that others have the larger part of the event loop, and makes it
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
  for await (const chunk of chunksOf(plan.pieces)) {
    await beforeChunk(chunkCount);
    await store.write('local', chunkCount, chunk);
    chunkCount += 1;
    byteCount += chunk.length;
  }
  const metadata = { ...plan.position, chunkCount, byteCount };
  await store.commit('local', metadata);
  return metadata;
}

/** The pieces put together to chunks, with rests while they are made. */
async function* chunksOf(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const share = new LoopShare();
  let chunk = new ByteWriter(chunkBytesMax);
  let workMs = 0;
  for (const [piece, pieceMs] of timed(pieces)) {
    if (chunk.size > 0 && chunk.size + piece.length > chunkBytesMax) {
      yield chunk.take();
      chunk = new ByteWriter(chunkBytesMax);
    }
    chunk.raw(piece);
    workMs += pieceMs;
    if (workMs >= WORK_MS) {
      await share.rest(workMs);
      workMs = 0;
    }
  }
  if (chunk.size > 0) {
    yield chunk.take();
  }
}

/** Each piece with the milliseconds that making it took. */
function* timed(pieces: Iterable<Uint8Array>): Generator<readonly [piece: Uint8Array, workMs: number], void> {
  let sinceMs = performance.now();
  for (const piece of pieces) {
    yield [piece, performance.now() - sinceMs];
    sinceMs = performance.now();
  }
}
