import { describe, expect, test } from '@jest/globals';
import { encodeText } from '../lib/bytes.js';
import { joinBody } from './answer-body.js';
import type { BodyText } from './answer-body.js';

const lengths = [0, 1, 300, 4_000, 40_000, 400_000];
const textOf = (body: BodyText): string => (typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));

describe('a body', () => {
  test.each(lengths)('is its parts in their order, texts and bytes of %i characters alike', (length) => {
    const parts = ['{"é":', 'x'.repeat(length), '\u{1f600}'.repeat(length), ''];
    const whole = parts.join('');
    expect(textOf(joinBody(parts))).toBe(whole);
    expect(textOf(joinBody(parts.map(encodeText)))).toBe(whole);
    expect(textOf(joinBody(parts.map((part, place) => (place % 2 === 0 ? part : encodeText(part)))))).toBe(whole);
  });

  test.each(lengths)('of %i bytes stays as it was when what it was made from changes', (length) => {
    const source = encodeText('a'.repeat(length));
    const body = joinBody([source]);
    source.fill(0x62);
    expect(textOf(body)).toBe('a'.repeat(length));
  });

  test('of more than 4 KiB is bytes, which are no text of the heap', () => {
    for (const part of ['é', encodeText('é')]) {
      const parts = Array.from({ length: 4096 / part.length }, () => part);
      expect([typeof joinBody(parts), textOf(joinBody(parts))]).toEqual(['string', 'é'.repeat(parts.length)]);
      const longer = joinBody([...parts, 'a']);
      expect([longer instanceof Uint8Array, textOf(longer)]).toEqual([true, `${'é'.repeat(parts.length)}a`]);
    }
  });
});
