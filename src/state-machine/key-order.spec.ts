import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeText } from '../lib/bytes.js';
import { compareKeys, endOfPrefix, fromOrderedForm, toOrderedForm } from './key-order.js';
import { compareUnits } from './sorted-tree.js';

/** Well-formed texts that often meet where UTF-16 order and byte order part. */
const key = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\ufeff', '\uffff', '\u{10000}', '\u{1f600}', '\u{10ffff}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

function compareBytes(left: string, right: string): number {
  const [leftBytes, rightBytes] = [encodeText(left), encodeText(right)];
  const differs = leftBytes.findIndex((byte, index) => byte !== rightBytes[index]);
  const difference = (leftBytes[differs] ?? 0) - (rightBytes[differs] ?? 0);
  return Math.sign(differs === -1 || differs >= rightBytes.length ? leftBytes.length - rightBytes.length : difference);
}

describe('compareKeys', () => {
  test('a character beyond U+FFFF comes after U+FEFF, although its UTF-16 units come before', () => {
    expect(compareUnits('\u{1f600}', '\ufeff')).toBeLessThan(0);
    expect(compareKeys('\u{1f600}', '\ufeff')).toBeGreaterThan(0);
  });

  test('is the order of the UTF-8 bytes', () => {
    fc.assert(
      fc.property(key, key, (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(compareBytes(left, right));
      }),
    );
  });
});

describe('the ordered form', () => {
  test('leads back to the key', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(fromOrderedForm(toOrderedForm(text))).toBe(text);
      }),
    );
  });

  test('keeps prefixes', () => {
    fc.assert(
      fc.property(key, key, (left, right) => {
        expect(toOrderedForm(left).startsWith(toOrderedForm(right))).toBe(left.startsWith(right));
        expect(toOrderedForm(left + right).startsWith(toOrderedForm(left))).toBe(true);
      }),
    );
  });
});

describe('endOfPrefix', () => {
  test.each([
    ['a', 'b'],
    ['a\uffff\uffff', 'b'],
    ['', null],
    ['\uffff', null],
  ])('of %j is %j', (prefix, end) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  test('parts what begins with the prefix from what comes after it', () => {
    fc.assert(
      fc.property(key, key, (prefix, other) => {
        const form = toOrderedForm(prefix);
        const candidate = toOrderedForm(other);
        const end = endOfPrefix(form);
        const isInside = compareUnits(candidate, form) >= 0 && (end === null || compareUnits(candidate, end) < 0);
        expect(isInside).toBe(candidate.startsWith(form));
      }),
    );
  });
});
