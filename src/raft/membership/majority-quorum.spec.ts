import { describe, expect, it } from '@jest/globals';
import { majorityValue, voteResult } from './majority-quorum.js';
import type { VoteResult } from './majority-quorum.js';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

function committed(...matchIndexes: number[]): number {
  const voterIds = names.slice(0, matchIndexes.length);
  return majorityValue(voterIds, (id) => matchIndexes[voterIds.indexOf(id)] ?? 0);
}

/** `y` granted, `n` refused, `_` not answered, one letter for each voter. */
function votes(answers: string): VoteResult {
  const voterIds = names.slice(0, answers.length);
  const given = voterIds
    .map((id, position) => [id, answers.charAt(position)] as const)
    .filter(([, answer]) => answer !== '_')
    .map(([id, answer]) => [id, answer === 'y'] as const);
  return voteResult(voterIds, new Map(given));
}

/** Every row of `length` values out of `values`. */
function rows<T>(values: readonly T[], length: number): T[][] {
  return length === 0 ? [[]] : rows(values, length - 1).flatMap((row) => values.map((value) => [...row, value]));
}

describe('majorityValue', () => {
  it.each([
    { matchIndexes: [], expected: 0 },
    { matchIndexes: [12], expected: 12 },
    { matchIndexes: [12, 5], expected: 5 },
    { matchIndexes: [0, 9], expected: 0 },
    { matchIndexes: [100, 101, 99], expected: 100 },
    { matchIndexes: [100, 0, 0], expected: 0 },
    { matchIndexes: [7, 7, 0], expected: 7 },
    { matchIndexes: [4, 3, 2, 1], expected: 2 },
    { matchIndexes: [9, 9, 1, 1], expected: 1 },
    { matchIndexes: [5, 1, 4, 2, 3], expected: 3 },
    { matchIndexes: [6, 5, 4, 3, 2, 1], expected: 3 },
    { matchIndexes: [1, 7, 2, 6, 3, 5, 4], expected: 4 },
    { matchIndexes: [10, 9, 2, 100, 11, 1, 3], expected: 9 },
  ])('$matchIndexes: a majority stores $expected', ({ matchIndexes, expected }) => {
    expect(committed(...matchIndexes)).toBe(expected);
  });

  it('is the highest index that more than half of the voters store, for every row of 1 to 7 voters', () => {
    for (let count = 1; count <= 7; count += 1) {
      for (const row of rows([0, 1, 2], count)) {
        const isStored = (index: number): boolean => 2 * row.filter((match) => match >= index).length > count;
        const highest = [2, 1, 0].find(isStored);
        expect({ row, value: committed(...row) }).toEqual({ row, value: highest });
      }
    }
  });
});

describe('voteResult', () => {
  it.each([
    ['y', 'won'],
    ['n', 'lost'],
    ['_', 'pending'],
    ['yy', 'won'],
    ['y_', 'pending'],
    ['yn', 'lost'],
    ['yy_', 'won'],
    ['yn_', 'pending'],
    ['nn_', 'lost'],
    ['yynn', 'lost'],
    ['yy__', 'pending'],
    ['yyy_', 'won'],
    ['yynn_', 'pending'],
    ['yyynn', 'won'],
    ['nnn__', 'lost'],
    ['yyynnn', 'lost'],
    ['yyyynnn', 'won'],
  ] as const)('%s: %s', (answers, expected) => {
    expect(votes(answers)).toBe(expected);
  });

  it('is won or lost when the missing answers cannot change it, for every row of 1 to 7 voters', () => {
    for (let count = 1; count <= 7; count += 1) {
      for (const row of rows(['y', 'n', '_'], count)) {
        const granted = row.filter((answer) => answer === 'y').length;
        const open = row.filter((answer) => answer === '_').length;
        const isWon = 2 * granted > count;
        const isLost = 2 * (granted + open) <= count;
        const expected = isWon ? 'won' : isLost ? 'lost' : 'pending';
        expect({ row, result: votes(row.join('')) }).toEqual({ row, result: expected });
      }
    }
  });

  it('counts voters alone, and nobody wins where there are none', () => {
    const everybody = new Map(names.map((name) => [name, true]));
    expect(voteResult([], everybody)).toBe('lost');
    expect(
      voteResult(
        ['a', 'x', 'y'],
        new Map([
          ['a', true],
          ['b', true],
          ['c', true],
        ]),
      ),
    ).toBe('pending');
  });
});
