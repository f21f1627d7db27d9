import { describe, expect, it } from '@jest/globals';
import { readRestore } from './restore-line.js';

const bump = 1_000_000_000;

describe('a command line that restores', () => {
  it.each<[string, readonly string[], unknown]>([
    ['of a start', ['-id', 'n1', 'restore'], null],
    [
      'without a number',
      ['restore', 'f', '-id', 'n1', 'd'],
      { request: { file: 'f', bump }, args: ['-id', 'n1', 'd'] },
    ],
    ['with a number', ['restore', 'f', '--bump-revision', '5', 'd'], { request: { file: 'f', bump: 5 }, args: ['d'] }],
    ['with it inline', ['restore', 'f', 'd', '-bump-revision=5'], { request: { file: 'f', bump: 5 }, args: ['d'] }],
  ])('%s', (_what, args, expected) => {
    expect(readRestore(args)).toEqual(expected);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no file', ['restore'], /takes the file of a backup first/],
    ['a flag in place of the file', ['restore', '-id', 'n1'], /takes the file of a backup first/],
    ['no number', ['restore', 'f', '--bump-revision'], /takes a whole number/],
    ['a number of 0', ['restore', 'f', '--bump-revision=0', 'd'], /takes a whole number/],
    ['a fraction', ['restore', 'f', '--bump-revision=1.5', 'd'], /takes a whole number/],
  ])('with %s is refused', (_what, args, words) => {
    expect(() => readRestore(args)).toThrow(words);
  });
});
