import { describe, expect, it } from '@jest/globals';
import { at } from '../lib/assert.js';
import type { Entry } from '../raft/index.js';
import { encodeBatches } from './batch-codec.js';
import { BatchStore } from './batch-store.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import { BatchedLogStore } from './batched-log-store.js';

/** A store that holds the batches it was made with. */
class FixedBatchStore extends BatchStore {
  constructor(private readonly batches: readonly EntryBatch[]) {
    super();
  }

  async open(nodeId: string, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    await Promise.resolve();
    this.batches.forEach(take);
    const identity = { nodeId, instanceId: 'i', clusterId: null, bootNumber: 1 };
    return { identity, hardState: null, base: { index: 0, term: 0 } };
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  setClusterId(): Promise<void> {
    return Promise.resolve();
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function batchOf(place: { index: number; term: number; timeMs: number }): EntryBatch {
  const entry: Entry = { ...place, kind: 'noop', proposal: null, data: new Uint8Array(0) };
  return at(encodeBatches([entry]), 0);
}

describe('a log that is read back', () => {
  const first = batchOf({ index: 1, term: 3, timeMs: 30 });

  it('is one list over all batches', async () => {
    const log = new BatchedLogStore(new FixedBatchStore([first, batchOf({ index: 2, term: 3, timeMs: 30 })]));

    expect((await log.open('n1')).entries.map((entry) => entry.index)).toEqual([1, 2]);
  });

  it.each([
    ['term', { index: 2, term: 2, timeMs: 30 }],
    ['time', { index: 2, term: 3, timeMs: 29 }],
  ])('is damaged when the %s goes back from one batch to the next', async (_what, place) => {
    const log = new BatchedLogStore(new FixedBatchStore([first, batchOf(place)]));

    await expect(log.open('n1')).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
