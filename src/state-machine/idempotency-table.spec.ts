import { describe, expect, test } from '@jest/globals';
import { IdempotencyTable, idempotencyOverheadBytes, isIdempotencyKey } from './idempotency-table.js';
import type { IdempotencyEntry, IdempotencyLimits } from './idempotency-table.js';

const retentionMs = 1_000;
const limits = (changed: Partial<IdempotencyLimits> = {}): IdempotencyLimits => ({
  entriesMax: 1_000,
  bytesMax: 1_000_000,
  ...changed,
});
/** Remembered at `timeMs`. */
const entry = (key: string, timeMs: number): IdempotencyEntry => ({
  key,
  fingerprint: 'f',
  untilMs: timeMs + retentionMs,
  result: { kind: 'written', revision: 1 },
});
const keysOf = (table: IdempotencyTable): string[] => [...table.entries()].map(({ key }) => key);

describe('time', () => {
  test('an entry stays until exactly the retention has passed', () => {
    const table = new IdempotencyTable(limits());
    table.remember(entry('a', 500));
    table.expire(500 + retentionMs - 1);
    expect(table.find('a', 500 + retentionMs - 1)).toEqual(entry('a', 500));
    table.expire(500 + retentionMs);
    expect(keysOf(table)).toEqual([]);
  });

  test('each is over at its own end, whenever it came', () => {
    const table = new IdempotencyTable(limits());
    table.remember({ ...entry('long', 0), untilMs: 5_000 });
    table.remember({ ...entry('short', 10), untilMs: 20 });
    table.expire(20);
    expect(keysOf(table)).toEqual(['long']);
  });

  test('the oldest go first, and many are spread over calls', () => {
    const table = new IdempotencyTable(limits());
    for (let index = 0; index < 200; index += 1) {
      table.remember(entry(`k${String(999 - index)}`, index));
    }
    table.expire(retentionMs + 150);
    const left = [...table.entries()].map(({ untilMs }) => untilMs - retentionMs);
    expect(left).toEqual(Array.from({ length: left.length }, (_, index) => 200 - left.length + index));
    expect(left.length).toBeLessThan(200);
    for (let call = 0; call < 10; call += 1) {
      table.expire(retentionMs + 150);
    }
    expect(table.entryCount).toBe(49);
  });

  test('an entry whose turn has not come is not found once its time is over', () => {
    const table = new IdempotencyTable(limits());
    for (let index = 0; index < 200; index += 1) {
      table.remember(entry(`k${index}`, 0));
    }
    expect(table.find('k7', retentionMs)).toBeUndefined();
    expect(table.entryCount).toBe(199);
  });
});

describe('bounds', () => {
  test('entries', () => {
    const table = new IdempotencyTable(limits({ entriesMax: 1 }));
    expect(table.hasRoomFor({ key: 'a', fingerprint: 'f' })).toBe(true);
    table.remember(entry('a', 0));
    expect(table.hasRoomFor({ key: 'b', fingerprint: 'f' })).toBe(false);
  });

  test('bytes, to the last one', () => {
    const table = new IdempotencyTable(limits({ bytesMax: 2 * idempotencyOverheadBytes + 5 }));
    table.remember(entry('a', 0));
    expect(table.bytes).toBe(idempotencyOverheadBytes + 2);
    expect(table.hasRoomFor({ key: 'bb', fingerprint: 'f' })).toBe(true);
    expect(table.hasRoomFor({ key: 'bbb', fingerprint: 'f' })).toBe(false);
    table.expire(retentionMs);
    expect(table.bytes).toBe(0);
  });
});

test('forgetting an entry restores the checksum', () => {
  const table = new IdempotencyTable(limits());
  const empty = table.checksum;
  table.remember(entry('a', 0));
  const one = table.checksum;
  expect(one).not.toEqual(empty);
  table.remember({ ...entry('b', 5), result: { kind: 'conditionFailed', revision: 3, modRevision: null } });
  table.remember({ ...entry('c', 7), result: { kind: 'deleted', revision: 3, deleted: 2 } });
  table.find('b', 5 + retentionMs);
  table.find('c', 7 + retentionMs);
  expect(table.checksum).toEqual(one);
  table.expire(retentionMs);
  expect(table.checksum).toEqual(empty);
});

test('a clone goes its own way', () => {
  const table = new IdempotencyTable(limits());
  table.remember(entry('a', 0));
  const copy = table.clone();
  table.remember(entry('b', 0));
  copy.expire(retentionMs);
  expect(keysOf(table)).toEqual(['a', 'b']);
  expect(keysOf(copy)).toEqual([]);
  expect(copy.bytes).toBe(0);
});

test('stored entries are taken in order of end and key, each key once', () => {
  const table = new IdempotencyTable(limits());
  expect(table.append(entry('b', 1))).toBe(true);
  expect(table.append(entry('a', 1))).toBe(false);
  expect(table.append(entry('b', 2))).toBe(false);
  expect(table.append(entry('a', 2))).toBe(true);
  expect(keysOf(table)).toEqual(['b', 'a']);
});

test.each([
  ['a', true],
  ['~!', true],
  ['k'.repeat(255), true],
  ['', false],
  ['a b', false],
  ['é', false],
  ['a\n', false],
  ['\u007f', false],
  ['k'.repeat(256), false],
])('%j as an idempotency key: %s', (key, expected) => {
  expect(isIdempotencyKey(key)).toBe(expected);
});
