import { expect, test } from '@jest/globals';
import { formatKillingSeeds, parseKillingSeeds } from './killing-seeds.js';

const seeds = [
  { mutantId: 'M02', seed: 17, events: 12_000, invariant: 'I9' },
  { mutantId: 'M31', seed: 1_234, events: 6_000, invariant: 'core' },
];

test('killing seeds are read as they were written, ordered by mutant', () => {
  expect(parseKillingSeeds(formatKillingSeeds([...seeds].reverse()))).toEqual(seeds);
});

test('a line that is something else is refused', () => {
  expect(() => parseKillingSeeds('M02 17 I9')).toThrow('is not "mutant seed events invariant"');
});
