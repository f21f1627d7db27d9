import { describe, expect, test } from '@jest/globals';
import { at } from '../lib/assert.js';
import { MalformedBytesError, encodeText } from '../lib/bytes.js';
import { Random } from '../lib/random.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';

const hashOf = (...parts: (string | number)[]): Hash64 => {
  const hasher = new EntryHasher(1);
  for (const part of parts) {
    if (typeof part === 'string') {
      hasher.text(part);
    } else {
      hasher.number(part);
    }
  }
  return hasher.finish();
};

const pointsOfEachLength = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x1_0000, 0x10_ffff],
] as const;

/** The first, the last or any code point of a range of those that take as many bytes; never half a pair. */
function anyPoint(random: Random): number {
  const [first, last] = at(pointsOfEachLength, random.between({ from: 0, until: pointsOfEachLength.length }));
  const between = random.between({ from: first, until: last + 1 });
  return at([first, last, between], random.between({ from: 0, until: 3 }));
}

describe('EntryHasher', () => {
  test.each([
    [hashOf('ab', 'c'), hashOf('a', 'bc')],
    [hashOf('a', ''), hashOf('', 'a')],
    [hashOf('a'), hashOf('a\0')],
    [hashOf('ab'), hashOf('ba')],
    [hashOf(1), hashOf(2 ** 32 + 1)],
    [hashOf(0), hashOf(2 ** 32)],
    [hashOf(Number.MAX_SAFE_INTEGER), hashOf(Number.MAX_SAFE_INTEGER - 1)],
    [new EntryHasher(1).finish(), new EntryHasher(2).finish()],
  ])('tells entries apart that only look alike (%#)', (left, right) => {
    expect(left).not.toEqual(right);
  });

  // A change of the hash makes nodes of two releases disagree: it needs a new format of the snapshot.
  test('stays as it is', () => {
    const sum = new Checksum();
    sum.add(hashOf('key', '"välue"', 12, 2 ** 40));
    expect(sum.hex()).toBe('a1b02b1fe23b3856');
  });

  test.each(['', 'a', 'ab', 'abc', 'é', 'aé', 'aaé', '"\u{1f600}"', 'x'.repeat(301), `${'x'.repeat(300)}\u00ff`])(
    'takes bytes of UTF-8 for their text: %j',
    (text) => {
      const before = (): EntryHasher => new EntryHasher(1).number(7);
      expect(before().utf8(encodeText(text)).number(1).finish()).toEqual(before().text(text).number(1).finish());
    },
  );

  test('takes any bytes of UTF-8 for their text', () => {
    const random = new Random(1);
    for (let round = 0; round < 2_000; round += 1) {
      const text = String.fromCodePoint(
        ...Array.from({ length: random.between({ from: 1, until: 12 }) }, () => anyPoint(random)),
      );
      expect([text, new EntryHasher(1).utf8(encodeText(text)).finish()]).toEqual([text, hashOf(text)]);
    }
  });

  test.each([[[0xff]], [[0xc3]], [[0x61, 0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]], [[0xc0, 0x80]]])(
    'refuses bytes that are not UTF-8: %j',
    (bytes) => {
      expect(() => new EntryHasher(1).utf8(Uint8Array.from(bytes))).toThrow(MalformedBytesError);
    },
  );

  test('gives each of 200,000 similar entries another value in both lanes together', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 100_000; index += 1) {
      for (const hash of [hashOf(`key-${index}`, 'x', index, 1), hashOf('key', 'x', 1, index)]) {
        seen.add(`${hash.high},${hash.low}`);
      }
    }
    expect(seen.size).toBe(200_000);
  });

  test('a flipped bit of the input flips about half of the bits', () => {
    const random = new Random(1);
    let flipped = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const value = random.between({ from: 0, until: 2 ** 31 });
      const other = (value ^ (1 << random.between({ from: 0, until: 31 }))) >>> 0;
      const left = hashOf('k', value);
      const right = hashOf('k', other);
      flipped += bitsOf(left.high ^ right.high) + bitsOf(left.low ^ right.low);
    }
    expect(flipped / 2_000).toBeGreaterThan(28);
    expect(flipped / 2_000).toBeLessThan(36);
  });
});

describe('Checksum', () => {
  test('does not depend on the order and takes back what was added', () => {
    const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')];
    const left = new Checksum();
    [a, b, c].forEach((hash) => {
      left.add(hash);
    });
    left.subtract(b);
    const right = new Checksum();
    [c, a].forEach((hash) => {
      right.add(hash);
    });
    expect(left.hex()).toBe(right.hex());
    expect(left.hex()).toMatch(/^[0-9a-f]{16}$/);
    left.subtract(a);
    left.subtract(c);
    expect(left.hex()).toBe('0'.repeat(16));
  });

  test('a clone goes its own way', () => {
    const sum = new Checksum();
    const copy = sum.clone();
    copy.add(hashOf('a'));
    expect(sum.hex()).toBe('0'.repeat(16));
    expect(copy.hex()).not.toBe(sum.hex());
  });
});

function bitsOf(word: number): number {
  return (word >>> 0).toString(2).replaceAll('0', '').length;
}
