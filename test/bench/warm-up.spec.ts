import { expect, test } from '@jest/globals';
import { askUntilSteady } from '../../scripts/bench/suite/warm-up.js';

async function asked(rates: readonly number[]): Promise<number[]> {
  const left = rates.values();
  return askUntilSteady(() => Promise.resolve(left.next().value ?? NaN));
}

test.each([
  ['that is as fast at once', [100, 101, 99, 102, 1], [100, 101, 99, 102]],
  ['that gets faster', [10, 20, 30, 30, 29, 40, 41, 40, 39, 1], [10, 20, 30, 30, 29, 40, 41, 40, 39]],
  ['that gets faster by little each time', [100, 102, 104, 106, 106, 106, 106, 1], [100, 102, 104, 106, 106, 106]],
])('a system %s is asked until it is steady', async (_, rates, expected) => {
  expect(await asked(rates)).toEqual(expected);
});

test('a system that never gets steady is taken as it is', async () => {
  const rates = Array.from({ length: 50 }, (_, place) => 2 ** place);
  expect(await asked(rates)).toEqual(rates.slice(0, 20));
});
