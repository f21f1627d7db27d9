import { describe, expect, it } from '@jest/globals';
import { floodGoals, floodLines } from '../../scripts/bench/overload-flood.js';
import type { Flood, FloodTrial } from '../../scripts/bench/overload-flood.js';
import { followerGoals } from '../../scripts/bench/overload-follower.js';
import { FloodTally } from '../../scripts/bench/suite/flood.js';
import type { Answered } from '../../scripts/bench/suite/open-loop.js';
import { figuresOf } from '../../scripts/bench/suite/results.js';

const MIB = 2 ** 20;

function answer(status: number, changes: Partial<Answered> = {}): Answered {
  return {
    status,
    retryAfter: status === 503 ? 1 : null,
    latencyMs: 5,
    servedMs: 3,
    sentMs: 97,
    atMs: 100,
    ...changes,
  };
}

function tallied(answers: readonly Answered[]): Flood {
  const tally = new FloodTally({ seconds: 2 });
  answers.forEach((each) => {
    tally.note(each);
  });
  return { ...tally.result(), cpuUsPerAccepted: null };
}

function trial(changes: Partial<FloodTrial> = {}): FloodTrial {
  return {
    maximum: { requestsPerSecond: 2, p50Ms: 1, p99Ms: 4, cpuUsPerAccepted: null },
    rate: 4,
    once: [tallied([answer(200), answer(200), answer(200), answer(200), answer(200)])],
    floods: [tallied([answer(200), answer(200), answer(200, { latencyMs: 10, servedMs: 8 }), answer(503)])],
    rssBytes: { before: [100 * MIB, 100 * MIB], peak: [110 * MIB, 228 * MIB] },
    leaderChanges: 0,
    ...changes,
  };
}

function ratios(goals: readonly { readonly ratio: number }[]): number[] {
  return goals.map(({ ratio }) => ratio);
}

describe('FloodTally', () => {
  it('keeps what is accepted, refused and anything else apart', () => {
    const result = tallied([answer(200), answer(204), answer(503), answer(504), answer(0), answer(0)]);
    expect(result.accepted.count).toBe(2);
    expect(result.refused.count).toBe(1);
    expect(result.others).toEqual({ 504: 1, 0: 2 });
  });

  it('counts what is accepted by the second, and not what comes after the last one', () => {
    const result = tallied([10, 999, 1000, 1999, 2000].map((atMs) => answer(200, { atMs })));
    expect(result.acceptedBySecond).toEqual([2, 2]);
    expect(result.accepted.count).toBe(5);
  });

  it('finds a refusal without Retry-After', () => {
    const result = tallied([answer(503), answer(503, { retryAfter: null }), answer(200)]);
    expect(result.refusedWithoutRetryAfter).toBe(1);
  });
});

describe('floodGoals', () => {
  it('compares with the maximum, and takes the node that grows most', () => {
    expect(ratios(floodGoals(trial()))).toEqual([0.6, 0.75, 2.5, 2, 0.5, 0, 1]);
  });

  it('has no share of refusals where nothing was refused', () => {
    const goals = floodGoals(trial({ floods: [tallied([answer(200)])] }));
    expect(goals.filter(({ name }) => name.includes('refused'))).toEqual([]);
  });

  it('shows what came instead of an answer', () => {
    const text = floodLines(trial({ floods: [tallied([answer(0), answer(500)]), tallied([answer(0)])] })).join('\n');
    expect(text).toContain('other answers: none: 2, 500: 1');
  });
});

describe('followerGoals', () => {
  it('compares a cluster with a follower less with one that is well', () => {
    const of = (requestsPerSecond: number, p99Ms: number): ReturnType<typeof figuresOf> =>
      figuresOf([{ requestsPerSecond, p50Ms: 1, p99Ms, cpuUsPerRequest: null }]);
    const goals = followerGoals({ well: of(100, 10), stopped: of(80, 12), killed: of(120, 5) });
    expect(ratios(goals)).toEqual([1.2, 0.5, 0.8, 1.2]);
  });
});
