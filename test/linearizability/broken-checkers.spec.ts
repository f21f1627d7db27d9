import { describe, expect, test } from '@jest/globals';
import { brokenCheckers } from './support/broken-checkers.js';
import type { BrokenChecker } from './support/broken-checkers.js';
import { foreignVectorsFolder, ownVectorsFolder, readVectors } from './support/vector-suite.js';
import type { Vector } from './support/vector-suite.js';

const ownVectors = readVectors(ownVectorsFolder);
const foreignVectors = foreignVectorsFolder === null ? [] : readVectors(foreignVectorsFolder);

/** Mistakes that need not show there: nobody deletes, and the histories that break one of these rules break another too. */
const mayHide: readonly string[] = ['ignores deletes', 'drops refused operations', 'forgets the initial state'];

describe('the histories of the project', () => {
  test.each(brokenCheckers)('find out a checker that $mistake', (checker) => {
    expect(wrongVerdicts(checker, ownVectors)).not.toEqual([]);
  });
});

if (foreignVectorsFolder === null) {
  console.log('RAFTDB_VECTORS is not set: broken checkers were not tried on the histories of other stores');
}

(foreignVectorsFolder === null ? describe.skip : describe)('the histories of other stores', () => {
  test.each(brokenCheckers)('and a checker that $mistake', (checker) => {
    const wrong = wrongVerdicts(checker, foreignVectors);
    console.log(`a checker that ${checker.mistake} is found out by ${wrong.length === 0 ? 'none' : wrong.join(' ')}`);
    expect(wrong.length > 0 || mayHide.includes(checker.mistake)).toBe(true);
  });
});

/** The names of the histories on which the checker says the opposite of the truth. */
function wrongVerdicts(checker: BrokenChecker, vectors: readonly Vector[]): string[] {
  return vectors
    .filter(({ history, isLinearizable }) => {
      const verdict = checker.judge(history);
      return verdict === (isLinearizable ? 'not linearizable' : 'linearizable');
    })
    .map(({ name }) => name);
}
