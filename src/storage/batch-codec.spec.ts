import { describe, expect, it } from '@jest/globals';
import { at } from '../lib/assert.js';
import { equalBytes } from '../lib/bytes.js';
import type { Entry } from '../raft/index.js';
import { cutBatch, decodeBatch, encodeBatches, requireChecksum } from './batch-codec.js';

function entriesOf(sizes: readonly number[], first = 1): Entry[] {
  return sizes.map((size, place) => ({
    index: first + place,
    term: 1 + Math.floor(place / 2),
    kind: 'command',
    timeMs: place,
    proposal: { origin: 'i/1', sequence: place + 1 },
    data: new Uint8Array(size).fill(place),
  }));
}

/** Jest compares megabytes one by one. */
const withoutData = (entry: Entry) => ({ ...entry, data: null });

const MIB = 1024 * 1024;

describe('a batch', () => {
  it('holds entries up to a mebibyte, or a single larger one', () => {
    const entries = entriesOf([10, 400_000, 600_000, 200_000, 3 * MIB, 10, 10], 7);
    const batches = encodeBatches(entries);

    expect(batches.map(({ firstIndex, lastIndex, lastTerm }) => [firstIndex, lastIndex, lastTerm])).toEqual([
      [7, 9, 2],
      [10, 10, 2],
      [11, 11, 3],
      [12, 13, 4],
    ]);
    const decoded = batches.flatMap(decodeBatch);
    expect(decoded.every((entry, place) => equalBytes(entry.data, at(entries, place).data))).toBe(true);
    expect(decoded.map(withoutData)).toEqual(entries.map(withoutData));
    expect(encodeBatches([])).toEqual([]);
  });

  it('owns exactly its bytes, which cross to a worker as they are', () => {
    const batch = at(encodeBatches(entriesOf([10, 10])), 0);

    expect(batch.payload.buffer.byteLength).toBe(batch.payload.length);
  });

  it('is cut below an index', () => {
    const entries = entriesOf([5, 6, 7, 8], 3);
    const cut = cutBatch(at(encodeBatches(entries), 0), 5);

    requireChecksum(cut);
    expect([cut.firstIndex, cut.lastIndex, cut.lastTerm]).toEqual([3, 4, 1]);
    expect(decodeBatch(cut)).toEqual(entries.slice(0, 2));
  });

  it('is damaged when any bit differs', () => {
    const batch = at(encodeBatches(entriesOf([20, 20])), 0);
    const payload = batch.payload.slice();
    payload[30] = (payload[30] ?? 0) ^ 1;

    expect(() => {
      requireChecksum({ ...batch, payload });
    }).toThrow('do not match their checksum');
    expect(() => cutBatch({ ...batch, payload }, 2)).toThrow('do not match their checksum');
  });

  it('is damaged when it holds other entries than it claims', () => {
    const batch = at(encodeBatches(entriesOf([20, 20])), 0);

    expect(() => decodeBatch({ ...batch, firstIndex: 2 })).toThrow('wrong indexes or terms');
    expect(() => decodeBatch({ ...batch, lastIndex: 3 })).toThrow('wrong indexes or terms');
    expect(() => decodeBatch({ ...batch, lastTerm: 2 })).toThrow('wrong indexes or terms');
    expect(() => decodeBatch({ ...batch, payload: batch.payload.subarray(0, 40) })).toThrow('cannot be read');
  });
});
