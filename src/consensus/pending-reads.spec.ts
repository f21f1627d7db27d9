import { describe, expect, it } from '@jest/globals';
import type { ConsensusError } from './consensus.errors.js';
import { PendingReads } from './pending-reads.js';

interface Settled {
  isReady: boolean;
  code: string | null;
}

function newCaller(): { settled: Settled; caller: { resolve: () => void; reject: (error: ConsensusError) => void } } {
  const settled: Settled = { isReady: false, code: null };
  return {
    settled,
    caller: {
      resolve: () => {
        settled.isReady = true;
      },
      reject: (error) => {
        settled.code = error.code;
      },
    },
  };
}

function newReads(countMax = 10): { reads: PendingReads; ask: (deadlineMs?: number) => Settled } {
  const reads = new PendingReads(countMax, { index: 5, revision: 2 });
  const ask = (deadlineMs = 100): Settled => {
    const { settled, caller } = newCaller();
    reads.add('quorum', caller, deadlineMs);
    return settled;
  };
  return { reads, ask };
}

describe('PendingReads', () => {
  it('answers a group when its read index is applied, not before', () => {
    const { reads, ask } = newReads();
    const early = ask();
    const group = reads.takeGroup('quorum') ?? 0;
    const late = ask();
    reads.noteOutcome({ ids: [group], readIndex: 6 });
    expect(early.isReady).toBe(false);
    reads.noteApplied(6, 3);
    expect([early.isReady, late.isReady]).toEqual([true, false]);
  });

  it('asks again when the leader was lost', () => {
    const { reads, ask } = newReads();
    const settled = ask();
    reads.noteOutcome({ ids: [reads.takeGroup('quorum') ?? 0], readIndex: null });
    expect(settled).toEqual({ isReady: false, code: null });
    reads.noteOutcome({ ids: [reads.takeGroup('quorum') ?? 0], readIndex: 5 });
    expect(settled.isReady).toBe(true);
  });

  it('keeps the two kinds of confirmation apart', () => {
    const { reads, ask } = newReads();
    ask();
    expect(reads.takeGroup('contact')).toBeNull();
    expect(reads.takeGroup('quorum')).toBe(1);
  });

  it('ends the waiting of whoever is late, wherever they stand', () => {
    const { reads, ask } = newReads();
    const asked = ask();
    const group = reads.takeGroup('quorum') ?? 0;
    const queued = ask();
    reads.expire(100);
    reads.noteOutcome({ ids: [group], readIndex: 1 });
    expect([asked, queued]).toEqual([
      { isReady: false, code: 'NO_LEADER' },
      { isReady: false, code: 'NO_LEADER' },
    ]);
    const unapplied = ask();
    reads.noteOutcome({ ids: [reads.takeGroup('quorum') ?? 0], readIndex: 9 });
    reads.expire(100);
    expect(unapplied.code).toBe('TIMEOUT');
  });

  it('waits for a revision of the store', () => {
    const { reads } = newReads();
    const { settled, caller } = newCaller();
    reads.addRevision(3, caller, 100);
    reads.noteApplied(6, 2);
    expect(settled.isReady).toBe(false);
    reads.noteApplied(7, 3);
    expect(settled.isReady).toBe(true);
  });

  it('refuses readers above its limit', () => {
    const { reads, ask } = newReads(2);
    ask();
    reads.takeGroup('quorum');
    ask();
    expect(ask().code).toBe('OVERLOADED');
  });
});
