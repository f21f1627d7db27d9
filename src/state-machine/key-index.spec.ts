import { expect, test } from '@jest/globals';
import { Random } from '../lib/random.js';
import { KeyIndex } from './key-index.js';

/** Every form from `first` to before `end`, by hand. */
function within(forms: Iterable<string>, first: string, end: string | null): string[] {
  return [...forms].filter((form) => form >= first && (end === null || form < end)).sort();
}

test('tree and hash tables say the same, whatever came and went', () => {
  const random = new Random(3);
  const index = new KeyIndex();
  const expected = new Map<string, number>();
  const gone: number[] = [];
  const expectedGone: number[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    const form = `${'p'.repeat(random.between({ from: 0, until: 3 }))}${random.between({ from: 0, until: 3_000 })}`;
    if (random.chance(0.001)) {
      const end = random.chance(0.5) ? `${form}9` : null;
      index.deleteRange(form, end, (slot) => gone.push(slot));
      for (const each of within(expected.keys(), form, end)) {
        expectedGone.push(expected.get(each) ?? NaN);
        expected.delete(each);
      }
    } else if (expected.has(form)) {
      index.delete(form);
      expected.delete(form);
    } else {
      index.add(form, step);
      expected.set(form, step);
    }
    expect(index.get(form)).toBe(expected.get(form));
  }
  expect(gone.length).toBeGreaterThan(100);
  expect(gone).toEqual(expectedGone);
  const sorted = [...expected].sort(([left], [right]) => (left < right ? -1 : 1));
  expect([...index.entries('')]).toEqual(sorted);
  expect([index.size, index.last()]).toEqual([sorted.length, sorted.at(-1)?.[0]]);
  expect(sorted.map(([form]) => index.get(form))).toEqual(sorted.map(([, slot]) => slot));
  expect([index.count('p', 'q'), index.count('pp', null)]).toEqual([
    within(expected.keys(), 'p', 'q').length,
    within(expected.keys(), 'pp', null).length,
  ]);
});

test('keys that differ only before a long end are spread over the hash tables', () => {
  const index = new KeyIndex();
  for (let number = 0; number < 20_000; number += 1) {
    index.add(`user:${String(number).padStart(8, '0')}:preferences-of-the-session`, number);
  }
  expect(index.shardSizeMax).toBeLessThan(60);
});

test('what is frozen stays', () => {
  const index = new KeyIndex();
  index.add('b', 1);
  index.add('a', 0);
  const frozen = index.freeze();
  index.delete('a');
  index.add('c', 2);
  index.deleteRange('b', null, () => undefined);
  expect([...frozen.entries()]).toEqual([
    ['a', 0],
    ['b', 1],
  ]);
});
