import { beforeEach, expect, it } from '@jest/globals';
import { InMemoryDisk } from '../../test/support/in-memory-stores.js';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import { Configuration } from '../raft/index.js';
import { writeSnapshot } from './write-snapshot.js';

const KIB = 1024;
const position = {
  lastIncludedIndex: 7,
  lastIncludedTerm: 2,
  lastIncludedTimeMs: 1,
  configuration: Configuration.empty,
};

let disk: InMemoryDisk;
let store: SnapshotStore;

beforeEach(async () => {
  disk = new InMemoryDisk();
  const stores = disk.start();
  await stores.log.open('n1');
  store = stores.snapshots;
});

/** A piece of this length that is unlike those of other lengths. */
function pieceOf(length: number): Uint8Array {
  return new Uint8Array(length).fill(length % 251);
}

it('puts pieces together to chunks of 256 KiB at most, in their order', async () => {
  const pieces = [64, 64, 64, 64, 100, 150, 10, 300, 1].map((kib) => pieceOf(kib * KIB));
  const metadata = await writeSnapshot(store, { position, pieces });
  const chunks = disk.snapshots[0]?.chunks ?? [];
  expect(chunks.map((chunk) => chunk.length / KIB)).toEqual([256, 250, 10, 300, 1]);
  expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true);
  expect(metadata).toEqual({ ...position, chunkCount: 5, byteCount: 817 * KIB });
});

/** Keeps the event loop for as many milliseconds. */
function busyFor(ms: number): void {
  const endMs = performance.now() + ms;
  let nowMs = performance.now();
  while (nowMs < endMs) {
    nowMs = performance.now();
  }
}

it('lets others go on between two pieces that take long', async () => {
  let turns = 0;
  let timer = setImmediate(function others() {
    turns += 1;
    timer = setImmediate(others);
  });
  const turnsAtPiece: number[] = [];
  function* slowPieces(): Generator<Uint8Array> {
    for (let made = 0; made < 4; made += 1) {
      turnsAtPiece.push(turns);
      busyFor(2);
      yield pieceOf(KIB);
    }
  }
  await writeSnapshot(store, { position, pieces: slowPieces() });
  clearImmediate(timer);
  expect(new Set(turnsAtPiece).size).toBe(4);
});
