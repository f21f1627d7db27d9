import { describe, expect, test } from '@jest/globals';
import { Random } from '../../src/lib/random.js';
import { checkLinearizable } from './check-linearizable.js';
import type { Operation } from './history.js';
import { raftdbKeyModel } from './models/raftdb-key.js';
import { partition } from './partition.js';
import { checkRegisters } from './register-zones.js';
import { isLinearizable } from './support/brute-force.js';
import { mutate, randomHistory } from './support/random-history.js';
import type { HistoryShape } from './support/random-history.js';

const model = raftdbKeyModel(null);

function randomShape(random: Random, size: { operations: number; keys: number }): HistoryShape {
  return {
    ...size,
    processes: random.between({ from: 2, until: 6 }),
    uniqueValues: true,
    deletes: random.chance(0.5),
    conditions: random.chance(0.5),
    revisions: random.chance(0.5),
    unknownChance: random.chance(0.7) ? 0.3 : 0,
    durationMax: random.between({ from: 1, until: 16 }),
  };
}

/** A history that is linearizable, or the same after some changes. */
function drawHistory(random: Random, shape: HistoryShape): Operation[] {
  let operations = randomHistory(random, shape);
  for (let changes = random.between({ from: 0, until: 4 }); changes > 0; changes -= 1) {
    operations = mutate(random, operations);
  }
  return operations;
}

describe('random histories', () => {
  test('the search and all permutations agree on tiny ones', () => {
    const verdicts = { true: 0, false: 0 };
    const disagreements: number[] = [];
    for (let seed = 1; seed <= 4_000; seed += 1) {
      const random = new Random(seed);
      const operations = random.between({ from: 3, until: 8 });
      const shape = { ...randomShape(random, { operations, keys: 1 }), uniqueValues: random.chance(0.5) };
      const history = drawHistory(random, shape);
      const expected = [...partition(history).values()].every((ofKey) => isLinearizable(ofKey, model));
      if ((checkLinearizable(history).verdict === 'linearizable') !== expected) {
        disagreements.push(seed);
      }
      verdicts[`${expected}`] += 1;
    }
    expect(disagreements).toEqual([]);
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(500);
  });

  test('the search and the zones agree on small ones', () => {
    const exact = { linearizable: 0, 'not linearizable': 0, undecided: 0 };
    const disagreements: number[] = [];
    let missed = 0;
    for (let seed = 1; seed <= 4_000; seed += 1) {
      const random = new Random(seed);
      const size = { operations: random.between({ from: 4, until: 40 }), keys: random.between({ from: 1, until: 3 }) };
      const history = drawHistory(random, randomShape(random, size));
      const searched = checkLinearizable(history).verdict;
      const { verdict, unjudged } = checkRegisters(history);
      if (verdict === 'not linearizable' || unjudged === 0) {
        exact[verdict] += 1;
        disagreements.push(...(verdict === searched ? [] : [seed]));
      }
      missed += searched === verdict ? 0 : 1;
    }
    expect(disagreements).toEqual([]);
    expect(Math.min(exact.linearizable, exact['not linearizable'])).toBeGreaterThan(500);
    // What the zones may miss is what they say they judged in part; it stays the exception.
    expect(missed).toBeLessThan(exact['not linearizable'] / 4);
  });

  test('both accept long ones that a correct store made', () => {
    const refused: number[] = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = new Random(seed);
      const shape = { ...randomShape(random, { operations: 400, keys: 3 }), unknownChance: 0.05 };
      const history = randomHistory(random, shape);
      const verdicts = [checkLinearizable(history).verdict, checkRegisters(history).verdict];
      refused.push(...(verdicts.every((verdict) => verdict === 'linearizable') ? [] : [seed]));
    }
    expect(refused).toEqual([]);
  });
});
