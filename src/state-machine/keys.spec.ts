import { describe, expect, test } from '@jest/globals';
import { keyBytesMax, validateKey, validatePrefix } from './keys.js';

describe('validateKey', () => {
  test.each([
    'a',
    '.',
    '..',
    '__proto__',
    'constructor',
    'app/db/url',
    ' ',
    '\u0001',
    '\ufeff',
    '\u{1f600}',
    'é',
    'e\u0301',
  ])('takes %j', (key) => {
    expect(validateKey(key)).toEqual({ kind: 'valid' });
  });

  test.each([
    ['', 'at least one byte'],
    ['a\0b', 'NUL'],
    ['\ud800', 'surrogate'],
    ['\udc00\ud800', 'surrogate'],
    ['\ud83dx', 'surrogate'],
    ['\udc00\udc00', 'surrogate'],
  ])('refuses %j', (key, reason) => {
    expect(validateKey(key)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) });
  });

  test.each([
    ['x', 1],
    ['é', 2],
    ['€', 3],
    ['\u{1f600}', 4],
  ])('counts bytes of UTF-8, not characters: %s takes %d', (character, bytes) => {
    const longest = character.repeat(Math.floor(keyBytesMax / bytes));
    const filled = longest + 'x'.repeat(keyBytesMax % bytes);
    expect(new TextEncoder().encode(filled)).toHaveLength(keyBytesMax);
    expect(validateKey(filled).kind).toBe('valid');
    expect(validateKey(filled + 'x').kind).toBe('invalid');
  });
});

test('the empty text is a prefix and no key', () => {
  expect(validatePrefix('').kind).toBe('valid');
  expect(validateKey('').kind).toBe('invalid');
});
