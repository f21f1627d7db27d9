import { expect, test } from '@jest/globals';
import { oneLine } from './one-line.js';

test.each([
  ['plain', 'plain'],
  ['a\r\n\tb', 'a b'],
  ['a\u001b[31mb', 'a [31mb'],
  ['a\u2028b\u0085c\u0000', 'a b c '],
  ['é🦀', 'é🦀'],
])('%j is one line', (text, line) => {
  expect(oneLine(text, 100)).toBe(line);
});

test('a long text is cut', () => {
  expect(oneLine('x'.repeat(100), 10)).toBe('x'.repeat(10));
});
