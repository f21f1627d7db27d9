import { describe, expect, test } from '@jest/globals';
import { ByteReader, decodeText, encodeText } from '../lib/bytes.js';
import { Random } from '../lib/random.js';
import { readKeyRecord } from './key-record.js';
import { VersionedMap } from './versioned-map.js';
import type { FrozenKeys } from './versioned-map.js';
import { kept } from '../../test/support/kept.js';

/** In byte order, which is not the order of UTF-16 units. */
const oddKeys = [
  '__proto__',
  'a',
  'a\u0001',
  'ab',
  'constructor',
  'e\u0301',
  'é',
  '\ufeff',
  '\ufeffx',
  '\u{1f600}',
  '\u{1f600}x',
];

function mapOf(keys: readonly string[]): VersionedMap {
  const map = new VersionedMap();
  keys.forEach((key, index) => {
    map.put(key, encodeText(`"${key}"`), index + 1);
  });
  return map;
}
const keyOf = (record: Uint8Array): string => new ByteReader(record).text();
const keysOf = (map: VersionedMap): string[] => Array.from(map.freeze().records(), keyOf);

describe('revisions', () => {
  test('follow the writes of a key', () => {
    const map = new VersionedMap();
    map.put('a', encodeText('1'), 5);
    map.put('a', encodeText('2.50'), 7);
    expect(kept(map.get('a'))).toEqual({ value: '2.50', createRevision: 5, modRevision: 7, version: 2 });
    expect(map.modRevision('a')).toBe(7);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    expect(map.modRevision('a')).toBeNull();
    map.put('a', encodeText('3'), 9);
    expect(kept(map.get('a'))).toEqual({ value: '3', createRevision: 9, modRevision: 9, version: 1 });
  });
});

describe('order', () => {
  test('is that of the bytes, and every key comes back as it was', () => {
    expect(keysOf(mapOf([...oddKeys].reverse()))).toEqual(oddKeys);
    const map = mapOf(oddKeys);
    for (const key of oddKeys) {
      expect(kept(map.get(key))?.value).toBe(`"${key}"`);
    }
  });

  test('pages put together are the whole, whatever their size', () => {
    const map = mapOf(oddKeys);
    for (let limit = 1; limit <= oddKeys.length + 1; limit += 1) {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page: { items: readonly { key: string }[]; next: string | null } = map.range({
          prefix: '',
          after,
          limit,
        });
        found.push(...page.items.map(({ key }) => key));
        after = page.next;
        expect(found.length).toBeLessThanOrEqual(oddKeys.length);
      } while (after !== null);
      expect(found).toEqual(oddKeys);
    }
  });
});

describe('range', () => {
  const map = mapOf(oddKeys);
  const range = (prefix: string, after: string | null, limit = 100): [string[], string | null] => {
    const { items, next } = map.range({ prefix, after, limit });
    return [items.map(({ key }) => key), next];
  };

  test.each<[[string, string | null, number], [string[], string | null]]>([
    [
      ['a', null, 100],
      [['a', 'a\u0001', 'ab'], null],
    ],
    [
      ['a', null, 2],
      [['a', 'a\u0001'], 'a\u0001'],
    ],
    [
      ['a', null, 3],
      [['a', 'a\u0001', 'ab'], null],
    ],
    [
      ['a', 'a', 100],
      [['a\u0001', 'ab'], null],
    ],
    [
      ['a', 'aa', 100],
      [['ab'], null],
    ],
    [
      ['a', 'Z', 100],
      [['a', 'a\u0001', 'ab'], null],
    ],
    [
      ['a', 'b', 100],
      [[], null],
    ],
    [
      ['\ufeff', null, 100],
      [['\ufeff', '\ufeffx'], null],
    ],
    [
      ['\u{1f600}', '\ufeff', 100],
      [['\u{1f600}', '\u{1f600}x'], null],
    ],
    [
      ['zz', null, 100],
      [[], null],
    ],
    [
      ['', null, 0],
      [[], null],
    ],
  ])('of prefix, after and limit %j', (request, expected) => {
    expect(range(...request)).toEqual(expected);
  });

  test('a page ends before it is too long, but holds one item', () => {
    const texts = new VersionedMap();
    ['ä', 'ö', 'ü'].forEach((key) => {
      texts.put(key, encodeText('é'.repeat(49)), 1);
    });
    const page = (bytesMax: number, keysOnly?: boolean): unknown =>
      texts.range({ prefix: '', after: null, limit: 9, bytesMax, keysOnly }).items.length;
    expect([page(1), page(199), page(200), page(300)]).toEqual([1, 1, 2, 3]);
    expect([page(1, true), page(3, true), page(4, true), page(6, true)]).toEqual([1, 1, 2, 3]);
  });
});

describe('prefixes', () => {
  test.each([
    ['', oddKeys.length],
    ['a', 3],
    ['\ufeff', 2],
    ['\u{1f600}', 2],
    ['zz', 0],
  ])('%j is the prefix of %d keys, which go together', (prefix, count) => {
    const map = mapOf(oddKeys);
    expect(map.count(prefix)).toBe(count);
    expect(map.deletePrefix(prefix)).toBe(count);
    expect(keysOf(map)).toEqual(oddKeys.filter((key) => !key.startsWith(prefix)));
    expect(map.keyCount).toBe(oddKeys.length - count);
  });

  test('an empty map has none', () => {
    expect(new VersionedMap().deletePrefix('')).toBe(0);
    expect(new VersionedMap().count('')).toBe(0);
  });
});

describe('checksum and size', () => {
  test('depend on what is there, not on how it came there', () => {
    const map = mapOf(['a', 'b', 'c']);
    const [checksum, bytes] = [map.checksum, map.byteEstimate];
    map.put('pre/x', encodeText('1'), 4);
    map.put('pre/y', encodeText('1'), 4);
    map.put('d', encodeText('1'), 5);
    expect(map.checksum).not.toEqual(checksum);
    map.delete('d');
    map.deletePrefix('pre/');
    expect(map.checksum).toEqual(checksum);
    expect(map.byteEstimate).toBe(bytes);
    map.deletePrefix('');
    expect(map.checksum).toEqual(new VersionedMap().checksum);
    expect(map.byteEstimate).toBe(0);
  });

  test('the same value written again is another state: the revisions differ', () => {
    const map = mapOf(['a']);
    const before = map.checksum;
    map.put('a', encodeText('"a"'), 2);
    expect(map.checksum).not.toEqual(before);
  });
});

test('what is frozen stays as it was', () => {
  const map = mapOf(oddKeys);
  const frozen = map.freeze();
  map.put('new', encodeText('1'), 99);
  map.deletePrefix('a');
  map.put('ab', encodeText('2'), 100);
  map.delete('constructor');
  expect(Array.from(frozen.records(), keyOf)).toEqual(oddKeys);
  expect(keysOf(map)).toEqual(
    keysOf(mapOf([...oddKeys.filter((key) => !key.startsWith('a') && key !== 'constructor'), 'ab', 'new'])),
  );
});

test('stored keys are taken in byte order, each once', () => {
  const map = new VersionedMap();
  const stored = { value: encodeText('1'), createRevision: 1, modRevision: 1, version: 1 };
  expect(map.append({ key: '\ufeff', ...stored })).toBe(true);
  expect(map.append({ key: '\ufeff', ...stored })).toBe(false);
  expect(map.append({ key: 'a', ...stored })).toBe(false);
  expect(map.append({ key: '\u{1f600}', ...stored })).toBe(true);
  expect(map.keyCount).toBe(2);
});

test('records that were moved out of garbage are found, and what was frozen before is as it was', () => {
  const random = new Random(11);
  const map = new VersionedMap();
  const expected = new Map<string, string>();
  const frozen: { keys: FrozenKeys; contents: [string, string][] }[] = [];
  for (let revision = 1; revision <= 30_000; revision += 1) {
    const key = `k${random.between({ from: 0, until: 2_000 })}`;
    if (random.chance(0.2)) {
      map.delete(key);
      expected.delete(key);
    } else {
      const value = `"${revision} ${'x'.repeat(random.between({ from: 0, until: 600 }))}"`;
      map.put(key, encodeText(value), revision);
      expected.set(key, value);
    }
    if (revision % 5_000 === 0) {
      frozen.push({ keys: map.freeze(), contents: sorted(expected) });
    }
  }
  for (const { keys, contents } of frozen) {
    expect(Array.from(keys.records(), contentOf)).toEqual(contents);
    expect(keys.keyCount).toBe(contents.length);
  }
  expect([...expected.keys()].map((key) => kept(map.get(key))?.value)).toEqual([...expected.values()]);
});

test('what a prefix leaves behind is tidied by the changes after it, however small they are', () => {
  const map = new VersionedMap();
  const value = encodeText(`"${'x'.repeat(1_000)}"`);
  for (let number = 0; number < 5_500; number += 1) {
    map.put(number % 11 === 0 ? `b${number}` : `a${number}`, value, number + 1);
  }
  map.deletePrefix('a');
  for (let revision = 6_000; revision < 6_060; revision += 1) {
    map.put('counter', encodeText('1'), revision);
  }
  expect(map.slabBytes).toBeLessThan(3 * 1024 * 1024);
  expect(kept(map.get('b11'))?.value).toBe(decodeText(value));
});

function sorted(contents: ReadonlyMap<string, string>): [string, string][] {
  return [...contents].sort(([left], [right]) => (left < right ? -1 : 1));
}

function contentOf(record: Uint8Array): [string, string] {
  const { key, value } = readKeyRecord(record, Number.MAX_SAFE_INTEGER);
  return [key, decodeText(value)];
}
