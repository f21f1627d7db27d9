import { describe, expect, it } from '@jest/globals';
import type { Entry } from '../raft/index.js';
import { Configuration } from '../raft/index.js';
import type { ConsensusError } from './consensus.errors.js';
import { PendingProposals } from './pending-proposals.js';

interface Settled {
  value: unknown;
  code: string | null;
}

function newPending(countMax = 10): { pending: PendingProposals; ask: (deadlineMs?: number) => Settled } {
  const pending = new PendingProposals('me.1', { countMax, bytesMax: 1000 });
  const ask = (deadlineMs = 100): Settled => {
    const settled: Settled = { value: undefined, code: null };
    const caller = {
      resolve: (value: unknown): void => {
        settled.value = value;
      },
      reject: (error: ConsensusError): void => {
        settled.code = error.code;
      },
    };
    pending.add({ kind: 'command', data: new Uint8Array(10) }, caller, deadlineMs);
    return settled;
  };
  return { pending, ask };
}

function entry(index: number, term: number, sequence: number | null, origin = 'me.1'): Entry {
  const proposal = sequence === null ? null : { origin, sequence };
  return { index, term, kind: 'command', timeMs: 0, proposal, data: new Uint8Array(0) };
}

describe('PendingProposals', () => {
  it('is full from the last caller that it takes until one has its answer', () => {
    const { pending, ask } = newPending(2);
    ask();
    expect(pending.isFull).toBe(false);
    ask();
    expect(pending.isFull).toBe(true);
    expect(ask().code).toBe('OVERLOADED');
    pending.takeBatch();
    expect(pending.isFull).toBe(true);
    pending.settle(entry(1, 1, 1), 'done');
    expect(pending.isFull).toBe(false);
  });

  it('is full of bytes, with few callers', () => {
    const { pending, ask } = newPending(1000);
    for (let bytes = 0; bytes < 990; bytes += 10) {
      ask();
    }
    expect(pending.isFull).toBe(false);
    ask();
    expect(pending.isFull).toBe(true);
  });

  it('settles a proposal by its own entry, of this process alone', () => {
    const { pending, ask } = newPending();
    const settled = ask();
    const { proposals } = pending.takeBatch();
    pending.noteOutcome({ kind: 'accepted', sequence: 1, index: 5, term: 2 });
    pending.settle(entry(4, 2, 1, 'me.0'), 'of an earlier start');
    expect(settled.value).toBeUndefined();
    pending.settle(entry(5, 2, proposals[0]?.id.sequence ?? 0), 'mine');
    expect(settled).toEqual({ value: 'mine', code: null });
    expect(pending.size).toBe(0);
  });

  it('proposes a refused one again under a new number, and not one that may be in a log', () => {
    const { pending, ask } = newPending();
    ask();
    ask();
    pending.takeBatch();
    pending.noteOutcome({ kind: 'forwarded', sequence: 1, term: 2 });
    pending.noteOutcome({ kind: 'refused', sequence: 1, reason: 'notLeader' });
    pending.noteOutcome({ kind: 'accepted', sequence: 2, index: 3, term: 2 });
    pending.noteOutcome({ kind: 'refused', sequence: 2, reason: 'notLeader' });
    expect(pending.takeBatch().proposals.map(({ id }) => id.sequence)).toEqual([3]);
  });

  it('ends as unknown once an entry of a later term is applied', () => {
    const { pending, ask } = newPending();
    const lost = ask();
    pending.takeBatch();
    pending.noteOutcome({ kind: 'forwarded', sequence: 1, term: 2 });
    const later = ask();
    pending.takeBatch();
    pending.noteOutcome({ kind: 'forwarded', sequence: 2, term: 3 });
    pending.settle(entry(9, 3, null), null);
    expect(lost.code).toBe('OUTCOME_UNKNOWN');
    expect(later.code).toBeNull();
  });

  it('ends as unknown where a snapshot took the place of what it was waiting for', () => {
    const { pending, ask } = newPending();
    const within = ask();
    const after = ask();
    pending.takeBatch();
    pending.noteOutcome({ kind: 'forwarded', sequence: 1, term: 2 });
    pending.noteOutcome({ kind: 'accepted', sequence: 2, index: 30, term: 2 });
    pending.noteSnapshot({
      lastIncludedIndex: 20,
      lastIncludedTerm: 2,
      lastIncludedTimeMs: 0,
      configuration: Configuration.empty,
      chunkCount: 1,
      byteCount: 1,
    });
    expect(within.code).toBe('OUTCOME_UNKNOWN');
    expect(after.code).toBeNull();
  });

  it('says "not proposed" only of what never left, when the time is over', () => {
    const { pending, ask } = newPending();
    const sent = ask();
    pending.takeBatch();
    pending.noteOutcome({ kind: 'forwarded', sequence: 1, term: 2 });
    const waiting = ask();
    const patient = ask(500);
    pending.expire(100);
    expect([sent.code, waiting.code, patient.code]).toEqual(['OUTCOME_UNKNOWN', 'NO_LEADER', null]);
  });

  it('refuses callers above its limits and gives their room back', () => {
    const { pending, ask } = newPending(1);
    ask();
    expect(ask().code).toBe('OVERLOADED');
    pending.takeBatch();
    pending.settle(entry(1, 1, 1), 'done');
    expect(ask().code).toBeNull();
  });

  it('lets nobody wait when the node stops', () => {
    const { pending, ask } = newPending();
    const sent = ask();
    pending.takeBatch();
    const waiting = ask();
    pending.close();
    expect([sent.code, waiting.code]).toEqual(['OUTCOME_UNKNOWN', 'SHUTTING_DOWN']);
  });
});
