import { expect, test } from '@jest/globals';
import { Random } from '../lib/random.js';
import { formsOfOneHash } from '../../test/state-machine/forms-of-one-hash.js';
import { SlotHash } from './slot-hash.js';

test('a form is found as long as it is there, whatever came and went beside it', () => {
  const random = new Random(11);
  const hash = new SlotHash();
  const expected = new Map<string, number>();
  for (let step = 0; step < 20_000; step += 1) {
    // Few enough that tables fill, shrink in use and have runs of places that are taken.
    const form = `f${random.between({ from: 0, until: 4_000 })}`;
    if (expected.has(form)) {
      hash.delete(form);
      expected.delete(form);
    } else {
      hash.add(form, step);
      expected.set(form, step);
    }
    expect(hash.get(form)).toBe(expected.get(form));
  }
  for (let number = 0; number < 4_000; number += 1) {
    expect(hash.get(`f${number}`)).toBe(expected.get(`f${number}`));
  }
  expect(hash.leftOut).toBe(0);
});

test('of forms that all want the same place some are left out, so that none takes long to find', () => {
  const hash = new SlotHash();
  const forms = formsOfOneHash(150);
  forms.forEach((form, slot) => {
    hash.add(form, slot);
  });
  expect(hash.leftOut).toBe(forms.length - 64);
  expect(forms.map((form) => hash.get(form)).filter((slot) => slot !== undefined)).toHaveLength(64);
  for (const form of forms) {
    hash.delete(form);
  }
  expect(hash.leftOut).toBe(0);
  expect(forms.map((form) => hash.get(form))).toEqual(forms.map(() => undefined));
});
