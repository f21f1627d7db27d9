import { describe, expect, test } from '@jest/globals';
import { judge } from './judge.js';
import { checkRegisters } from './register-zones.js';
import { foreignVectorsFolder, ownVectorsFolder, readVectors } from './support/vector-suite.js';
import type { Vector } from './support/vector-suite.js';

const ownVectors = readVectors(ownVectorsFolder);
const foreignVectors = foreignVectorsFolder === null ? [] : readVectors(foreignVectorsFolder);

/** Milliseconds for all foreign histories together: they are to be run with every change. */
const FOREIGN_TIME_MAX_MS = 30_000;

describe('the histories of the project', () => {
  test('are enough, and some of either kind', () => {
    const good = ownVectors.filter(({ isLinearizable }) => isLinearizable).length;
    expect(good).toBeGreaterThanOrEqual(15);
    expect(ownVectors.length - good).toBeGreaterThanOrEqual(15);
  });

  test.each(ownVectors)('$name has the verdict $isLinearizable', (vector) => {
    expect(judge(vector.history).verdict).toBe(expectedVerdict(vector));
  });

  test.each(ownVectors)('$name: the zones do not contradict it', ({ history, isLinearizable }) => {
    const { verdict, unjudged } = checkRegisters(history.operations);
    const inventsViolation = verdict === 'not linearizable' && isLinearizable;
    const missesViolation = verdict === 'linearizable' && unjudged === 0 && !isLinearizable;
    expect({ inventsViolation, missesViolation }).toEqual({ inventsViolation: false, missesViolation: false });
  });
});

if (foreignVectorsFolder === null) {
  console.log('RAFTDB_VECTORS is not set: the recorded histories of other stores were not tried');
}

(foreignVectorsFolder === null ? describe.skip : describe)('the histories of other stores', () => {
  test(
    'all have their verdict',
    () => {
      const judged = foreignVectors.map((vector) => `${vector.name} ${judge(vector.history).verdict}`);
      expect(judged).toEqual(foreignVectors.map((vector) => `${vector.name} ${expectedVerdict(vector)}`));
      expect(judged.length).toBeGreaterThan(0);
    },
    FOREIGN_TIME_MAX_MS,
  );
});

function expectedVerdict({ isLinearizable }: Vector): string {
  return isLinearizable ? 'linearizable' : 'not linearizable';
}
