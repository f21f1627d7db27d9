import { describe, expect, test } from '@jest/globals';
import { addRun, noRuns, runSeedsInJobs } from './batch.js';
import { describeFailure } from './report.js';
import { readKeptSeeds } from './seed-list.js';
import { simulate } from './simulator.js';

/** Short runs: the long ones are `npm run simulate`. */
const events = 6_000;
const seeds = 300;

/** Processes of their own, which run the seeds in little more than half the time that Jest's modules take. */
const jobs = 2;

/** Far above what the runs take on a busy machine, in milliseconds. */
const timeoutMs = 600_000;

function failureOf(seed: number, length: number): string | null {
  const result = simulate(seed, { events: length });
  return result.failure === null ? null : describeFailure(result);
}

describe('a simulated cluster', () => {
  test(
    'keeps every invariant under the faults of many seeds, which meet every situation that they are for',
    async () => {
      const totals = noRuns();
      await runSeedsInJobs({ from: 1, until: 1 + seeds, step: 1, events }, jobs, (summary) => {
        expect(summary.failure).toBeNull();
        addRun(totals, summary);
      });
      expect(totals.runs).toBe(seeds);
      // How often each must come up is asked of long runs; here each must have come up at all.
      expect(totals.coverage.missing(0)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'keeps every invariant with each seed that found a bug once',
    () => {
      for (const kept of readKeptSeeds()) {
        expect(failureOf(kept.seed, kept.events)).toBeNull();
      }
    },
    timeoutMs,
  );

  test.each([1, 2, 3])(
    'does the same again with seed %i',
    (seed) => {
      const [first, second] = [simulate(seed, { events }), simulate(seed, { events })];
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.events).toBe(first.events);
      expect(simulate(seed + 10, { events }).traceHash).not.toBe(first.traceHash);
    },
    timeoutMs,
  );
});
