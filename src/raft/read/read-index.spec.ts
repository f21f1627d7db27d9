import { describe, expect, it } from '@jest/globals';
import { ForwardedReads, LeaderReads } from './read-index.js';
import type { ReadOrigin } from './read-index.js';

function local(...ids: number[]): ReadOrigin {
  return { kind: 'local', ids, confirmation: 'quorum' };
}

describe('LeaderReads', () => {
  it('a read is confirmed by the round after the one that was last sent, or by a later one', () => {
    const reads = new LeaderReads();
    reads.add(local(1), { readIndex: 5, lastRound: 3 });
    reads.add(local(2), { readIndex: 6, lastRound: 4 });
    expect(reads.takeConfirmed(3)).toEqual([]);
    expect(reads.takeConfirmed(4)).toMatchObject([{ origin: local(1), readIndex: 5 }]);
    expect(reads.takeConfirmed(9)).toMatchObject([{ origin: local(2), readIndex: 6 }]);
    expect(reads.isEmpty).toBe(true);
  });

  it('a round is wanted when somebody waits for one that was not sent, and none is under way', () => {
    const reads = new LeaderReads();
    expect(reads.wantsRound({ last: 3, confirmed: 3 })).toBe(false);
    reads.add(local(1), { readIndex: 5, lastRound: 3 });
    expect(reads.wantsRound({ last: 3, confirmed: 2 })).toBe(false);
    expect(reads.wantsRound({ last: 3, confirmed: 3 })).toBe(true);
    expect(reads.wantsRound({ last: 4, confirmed: 3 })).toBe(false);
  });

  it('everything is taken when leadership is lost, also what came too early for an index', () => {
    const reads = new LeaderReads();
    reads.addEarly(local(1));
    reads.add(local(2), { readIndex: 5, lastRound: 3 });
    expect(reads.isEmpty).toBe(false);
    expect(reads.takeAll()).toEqual([local(1), local(2)]);
    expect(reads.isEmpty).toBe(true);
  });
});

describe('ForwardedReads', () => {
  const now = { tick: 10, overdueTick: 6 };

  it('one batch of each kind is under way at a time', () => {
    const reads = new ForwardedReads(1);
    reads.add([1, 2], 'quorum');
    reads.add([3], 'contact');
    const first = reads.takeBatch('quorum', now);
    const contact = reads.takeBatch('contact', now);
    reads.add([4], 'quorum');
    expect(reads.takeBatch('quorum', now)).toBeNull();
    expect(reads.takeAnswered(contact ?? 0)).toEqual([3]);
    expect(reads.takeAnswered(first ?? 0)).toEqual([1, 2]);
    expect(reads.takeBatch('quorum', now)).not.toBeNull();
  });

  it('an overdue batch goes out anew with what came since; the answer to the first is not taken', () => {
    const reads = new ForwardedReads(1);
    reads.add([1], 'quorum');
    const first = reads.takeBatch('quorum', now) ?? 0;
    reads.add([2], 'quorum');
    const second = reads.takeBatch('quorum', { tick: 14, overdueTick: 10 }) ?? 0;
    expect(second).toBeGreaterThan(first);
    expect(reads.takeAnswered(first)).toEqual([]);
    expect(reads.takeAnswered(second)).toEqual([1, 2]);
    expect(reads.takeAnswered(second)).toEqual([]);
  });

  it('everything is taken when the leader is lost', () => {
    const reads = new ForwardedReads(1);
    reads.add([1], 'quorum');
    const batch = reads.takeBatch('quorum', now) ?? 0;
    reads.add([2], 'contact');
    expect(reads.takeAll()).toEqual([1, 2]);
    expect(reads.takeAnswered(batch)).toEqual([]);
    expect(reads.takeBatch('contact', now)).toBeNull();
  });
});
