import { describe, expect, it } from '@jest/globals';
import type { SnapshotMetadata } from '../snapshot-metadata.js';
import { Configuration } from '../membership/configuration.js';
import { Progress } from './progress.js';

const snapshot: SnapshotMetadata = {
  lastIncludedIndex: 8,
  lastIncludedTerm: 1,
  lastIncludedTimeMs: 0,
  configuration: Configuration.empty,
  chunkCount: 2,
  byteCount: 2,
};

function probing(): Progress {
  return new Progress({ instanceId: 'b1', lastIndex: 10, tick: 0, inflightBatchesMax: 2 });
}

function replicating(matchIndex: number): Progress {
  const progress = probing();
  progress.maybeAdvance(matchIndex, 1);
  progress.becomeReplicate();
  return progress;
}

describe('Progress', () => {
  it('begins by probing at the end of the leader’s log, one batch at a time', () => {
    const progress = probing();
    expect(progress).toMatchObject({ state: 'probe', nextIndex: 11, matchIndex: 0, isPaused: false });
    progress.noteSent(10);
    expect(progress).toMatchObject({ nextIndex: 11, isPaused: true });
  });

  it('replicates ahead of the answers until the window is full, and goes on as it empties', () => {
    const progress = replicating(4);
    expect(progress.nextIndex).toBe(5);
    progress.noteSent(6);
    progress.noteSent(9);
    expect(progress).toMatchObject({ nextIndex: 10, isPaused: true });
    expect(progress.maybeAdvance(6, 2)).toBe(true);
    expect(progress).toMatchObject({ matchIndex: 6, nextIndex: 10, isPaused: false });
  });

  it('an answer that is old news changes nothing', () => {
    const progress = replicating(4);
    expect(progress.maybeAdvance(4, 2)).toBe(false);
    expect(progress.maybeAdvance(3, 2)).toBe(false);
    expect(progress).toMatchObject({ matchIndex: 4, matchRound: 1 });
  });

  it.each([
    { refused: 10, possible: 6, next: 7 },
    { refused: 10, possible: 10, next: 10 },
    { refused: 10, possible: 0, next: 1 },
  ])('a probe refused at $refused that can match at $possible goes on at $next', ({ refused, possible, next }) => {
    const progress = probing();
    progress.noteSent(10);
    expect(progress.maybeStepBack(refused, possible)).toBe(true);
    expect(progress).toMatchObject({ nextIndex: next, isPaused: false });
  });

  it('never steps back to or below what is known to match', () => {
    const progress = replicating(4);
    progress.noteSent(9);
    expect(progress.maybeStepBack(9, 1)).toBe(true);
    expect(progress).toMatchObject({ state: 'probe', nextIndex: 5 });
    expect(progress.inflights.isEmpty).toBe(true);
  });

  it('refusals of something else than what is under way are old', () => {
    expect(probing().maybeStepBack(7, 3)).toBe(false);
    expect(replicating(4).maybeStepBack(4, 2)).toBe(false);
    const receiving = probing();
    receiving.becomeSnapshot(snapshot, 0);
    expect(receiving.maybeStepBack(0, 0)).toBe(false);
  });

  it('nothing but chunks is sent while a snapshot is under way', () => {
    const progress = probing();
    progress.becomeSnapshot(snapshot, 3);
    expect(progress).toMatchObject({ isPaused: true, snapshot: { nextChunk: 0, sentTick: 3 } });
    expect(() => {
      progress.noteSent(9);
    }).toThrow('entries go out while probing or replicating');
    progress.maybeAdvance(8, 1);
    progress.becomeProbe();
    expect(progress).toMatchObject({ nextIndex: 9, snapshot: null, isPaused: false });
  });
});
