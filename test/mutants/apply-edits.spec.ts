import { describe, expect, test } from '@jest/globals';
import { applyEdits } from './apply-edits.js';
import type { Edit } from './mutant.js';

const files: Readonly<Record<string, string>> = { a: 'one two three', b: 'one one' };

function apply(...edits: readonly Edit[]): ReadonlyMap<string, string> {
  const read = (file: string): string => files[file] ?? '';
  return applyEdits({ id: 'M00', bug: '', edits, killers: [] }, read);
}

describe('the edits of a mutant', () => {
  test('are made one after the other', () => {
    const changed = apply(
      { file: 'a', before: 'two', after: 'four' },
      { file: 'a', before: 'four three', after: '$& five' },
    );
    expect([...changed]).toEqual([['a', 'one $& five']]);
  });

  test.each([
    ['is not there', { file: 'a', before: 'six', after: '' }, 'M00 does not fit: a has 0 times: six'],
    ['is there twice', { file: 'b', before: 'one', after: '' }, 'M00 does not fit: b has 2 times: one'],
  ])('are refused where a text %s', (_what, edit, message) => {
    expect(() => apply(edit)).toThrow(message);
  });
});
