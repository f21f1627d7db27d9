import { describe, expect, it } from '@jest/globals';
import { Coverage, situations } from './coverage.js';
import { describeFailure } from './report.js';
import { readKeptSeeds } from './seed-list.js';
import { simulate } from './simulator.js';

/** Events with faults in each run of the gate; longer runs are for `npm run simulate`. */
const eventsPerRun = 6_000;
const groups = [1, 51, 101, 151];
const seedsPerGroup = 50;

const met = new Coverage();

/** Runs one seed. @throws with the report of the run when an invariant does not hold. */
function run(seed: number, events = eventsPerRun): string {
  const result = simulate(seed, { events });
  if (result.failure !== null) {
    throw new Error(describeFailure(result));
  }
  met.merge(result.coverage);
  return result.traceHash;
}

describe('random faults', () => {
  it.each(groups)(
    'break no invariant in 50 runs from seed %d on',
    (first) => {
      for (let seed = first; seed < first + seedsPerGroup; seed += 1) {
        run(seed);
      }
    },
    120_000,
  );

  it('met every situation that the runs are for', () => {
    expect(situations.filter((situation) => met.count(situation) === 0)).toEqual([]);
  });

  it('are the same for the same seed', () => {
    for (const seed of [3, 71, 144]) {
      expect(run(seed)).toBe(run(seed));
    }
  }, 60_000);
});

describe('a seed that once found a bug', () => {
  const kept = readKeptSeeds();

  it('is written down in a form that can be read', () => {
    expect(kept.every(({ seed, events }) => seed >= 0 && events > 0)).toBe(true);
  });

  it('finds none any more', () => {
    for (const { seed, events } of kept) {
      run(seed, events);
    }
  }, 120_000);
});
