import { expect, test } from '@jest/globals';
import { Random } from '../lib/random.js';
import { formsOfOneHash } from '../../test/state-machine/forms-of-one-hash.js';
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

test('appended forms are in their order, are found, and come and go like others', () => {
  const random = new Random(9);
  const index = new KeyIndex();
  index.expect(40_000);
  const seen: boolean[] = [];
  const expected = new Map<string, number>();
  for (let number = 0; number < 40_000; number += 1) {
    const form = `k${String(number).padStart(6, '0')}`;
    index.append(form, number);
    expected.set(form, number);
    if (random.chance(0.0005)) {
      const other = `${form}-${number}`;
      // A slot of its own, as each key has.
      const slot = 40_000 + number;
      index.add(other, slot);
      expected.set(other, slot);
      const gone = `k${String(random.between({ from: 0, until: number + 1 })).padStart(6, '0')}`;
      if (expected.delete(gone)) {
        index.delete(gone);
      }
    }
    seen.push(index.size === expected.size && (number % 5_000 > 0 || index.count('k', null) === expected.size));
  }
  expect(seen).not.toContain(false);
  expect(index.last()).toBe([...expected.keys()].sort().at(-1));
  const sorted = [...expected].sort(([left], [right]) => (left < right ? -1 : 1));
  expect([...index.freeze().entries()]).toEqual(sorted);
  expect(sorted.map(([form]) => index.get(form))).toEqual(sorted.map(([, slot]) => slot));
  expect([...index.entries('k03')][0]).toEqual(sorted.find(([form]) => form >= 'k03'));
});

test('what is frozen stays while forms are appended', () => {
  const index = new KeyIndex();
  const forms = Array.from({ length: 20_000 }, (_, number) => String(number).padStart(6, '0'));
  const frozen = forms.map((form, number) => {
    index.append(form, number);
    return number % 5_000 === 0 ? { size: number + 1, sorted: index.freeze() } : null;
  });
  for (const each of frozen) {
    expect(each === null ? 0 : [...each.sorted.values()].length).toBe(each?.size ?? 0);
  }
});

test('forms that the hash tables leave out are found all the same, and are gone when they are deleted', () => {
  const index = new KeyIndex();
  const forms = formsOfOneHash(150);
  forms.forEach((form, slot) => {
    index.add(form, slot);
  });
  expect(forms.map((form) => index.get(form))).toEqual(forms.map((_, slot) => slot));
  for (const form of forms.slice(0, 100)) {
    index.delete(form);
  }
  expect(forms.map((form) => index.get(form))).toEqual(forms.map((_, slot) => (slot < 100 ? undefined : slot)));
});
