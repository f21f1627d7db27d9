import { describe, expect, test } from '@jest/globals';
import { encodeText, NewerFormatError } from '../lib/bytes.js';
import { encodeCommand } from './command-codec.js';
import type { Command, Condition } from './commands.js';
import { KeyValueStore } from './key-value-store.js';
import type { CommandResult } from './results.js';
import { kept } from '../../test/support/kept.js';

const limits = { entriesMax: 3, bytesMax: 1_000_000 };

/** Applies commands one after the other, at a time that the test moves. */
class Driver {
  readonly store = new KeyValueStore(limits);
  timeMs = 0;
  private index = 0;

  apply(command: Command, idempotencyKey?: string, fingerprint = 'f'): CommandResult {
    const idempotency = idempotencyKey === undefined ? null : { key: idempotencyKey, fingerprint, retentionMs: 1_000 };
    return this.applyBytes(encodeCommand({ idempotency, command }));
  }

  applyBytes(data: Uint8Array): CommandResult {
    this.index += 1;
    return this.store.apply({ index: this.index, timeMs: this.timeMs, data });
  }
}

const put = (key: string, value = '1', condition: Condition | null = null): Command => ({
  kind: 'put',
  entries: [{ key, value: encodeText(value) }],
  condition,
});
const remove = (key: string, condition: Condition | null = null): Command => ({ kind: 'delete', key, condition });
const ifMatch = (modRevision: number | null): Condition => ({ kind: 'ifMatch', modRevision });
const ifNoneMatch: Condition = { kind: 'ifNoneMatch' };

describe('writes', () => {
  test('a put of several keys is one revision', () => {
    const driver = new Driver();
    const value = '12345678901234567890';
    const entries = ['a', 'b', '__proto__'].map((key) => ({ key, value: encodeText(value) }));
    expect(driver.apply({ kind: 'put', entries, condition: null })).toEqual({ kind: 'written', revision: 1 });
    for (const { key } of entries) {
      expect(kept(driver.store.get(key))).toEqual({ value, createRevision: 1, modRevision: 1, version: 1 });
    }
    expect(driver.apply(put('a', '2.50'))).toEqual({ kind: 'written', revision: 2 });
    expect(kept(driver.store.get('a'))).toEqual({ value: '2.50', createRevision: 1, modRevision: 2, version: 2 });
  });

  test('a delete counts as a revision where something was deleted', () => {
    const driver = new Driver();
    driver.apply(put('a'));
    expect(driver.apply(remove('b'))).toEqual({ kind: 'deleted', revision: 1, deleted: 0 });
    expect(driver.apply(remove('a'))).toEqual({ kind: 'deleted', revision: 2, deleted: 1 });
    expect(driver.apply(remove('a'))).toEqual({ kind: 'deleted', revision: 2, deleted: 0 });
    expect(driver.store.revision()).toBe(2);
  });

  test('so does a deleted prefix, once', () => {
    const driver = new Driver();
    ['p/1', 'p/2', 'q'].forEach((key) => driver.apply(put(key)));
    expect(driver.apply({ kind: 'deletePrefix', prefix: 'p/' })).toEqual({ kind: 'deleted', revision: 4, deleted: 2 });
    expect(driver.apply({ kind: 'deletePrefix', prefix: 'p/' })).toEqual({ kind: 'deleted', revision: 4, deleted: 0 });
    expect(driver.store.range({ prefix: '', after: null, limit: 9 }).items.map(({ key }) => key)).toEqual(['q']);
    expect(driver.store.count('')).toBe(driver.store.keyCount);
  });
});

describe('conditions', () => {
  const failed = (modRevision: number | null): CommandResult => ({ kind: 'conditionFailed', revision: 2, modRevision });

  test.each<[string, Command, CommandResult]>([
    ['put where the revision is the key’s', put('a', '9', ifMatch(1)), { kind: 'written', revision: 3 }],
    ['put where the key is', put('a', '9', ifMatch(null)), { kind: 'written', revision: 3 }],
    ['put where no key is', put('x', '9', ifNoneMatch), { kind: 'written', revision: 3 }],
    ['delete where the revision is the key’s', remove('a', ifMatch(1)), { kind: 'deleted', revision: 3, deleted: 1 }],
    ['delete where the key is', remove('b', ifMatch(null)), { kind: 'deleted', revision: 3, deleted: 1 }],
    ['delete where no key is', remove('x', ifNoneMatch), { kind: 'deleted', revision: 2, deleted: 0 }],
    ['put with another revision', put('b', '9', ifMatch(1)), failed(2)],
    ['put with revision 0 of no key', put('x', '9', ifMatch(0)), failed(null)],
    ['put over a missing key', put('x', '9', ifMatch(null)), failed(null)],
    ['put of a new key that exists', put('a', '9', ifNoneMatch), failed(1)],
    ['delete with another revision', remove('a', ifMatch(2)), failed(1)],
    ['delete of a missing key', remove('x', ifMatch(1)), failed(null)],
    ['delete of a key that must not be', remove('b', ifNoneMatch), failed(2)],
  ])('%s', (_name, command, result) => {
    const driver = new Driver();
    driver.apply(put('a'));
    driver.apply(put('b'));
    const before = driver.store.checksum();
    expect(driver.apply(command)).toEqual(result);
    expect(driver.store.checksum() === before).toBe(driver.store.revision() === 2);
  });
});

describe('a retried write', () => {
  test('has one effect and gets the first answer', () => {
    const driver = new Driver();
    expect(driver.apply(put('a', '1'), 'k')).toEqual({ kind: 'written', revision: 1 });
    driver.apply(put('a', '2'));
    const before = driver.store.checksum();
    expect(driver.apply(put('a', '1'), 'k')).toEqual({ kind: 'written', revision: 1 });
    expect(kept(driver.store.get('a'))?.value).toBe('2');
    expect(driver.store.checksum()).toBe(before);
  });

  test.each<[string, Command, CommandResult]>([
    ['deleted', remove('a'), { kind: 'deleted', revision: 2, deleted: 1 }],
    ['deleted nothing', remove('x'), { kind: 'deleted', revision: 1, deleted: 0 }],
    ['conditionFailed', put('a', '2', ifNoneMatch), { kind: 'conditionFailed', revision: 1, modRevision: 1 }],
  ])('gets %s again, whatever happened since', (_name, command, result) => {
    const driver = new Driver();
    driver.apply(put('a'));
    expect(driver.apply(command, 'k')).toEqual(result);
    driver.apply({ kind: 'deletePrefix', prefix: '' });
    driver.apply(put('x'));
    expect(driver.apply(command, 'k')).toEqual(result);
  });

  test('with another request under the same key is refused', () => {
    const driver = new Driver();
    driver.apply(put('a'), 'k', 'f1');
    const before = driver.store.checksum();
    expect(driver.apply(put('b'), 'k', 'f2')).toEqual({ kind: 'idempotencyKeyReused' });
    expect(driver.store.checksum()).toBe(before);
  });

  test('is a new one once the retention is over, and not a millisecond earlier', () => {
    const driver = new Driver();
    driver.apply(put('a'), 'k');
    driver.timeMs = 999;
    expect(driver.apply(put('a'), 'k')).toEqual({ kind: 'written', revision: 1 });
    driver.timeMs = 1_000;
    expect(driver.apply(put('a'), 'k', 'other')).toEqual({ kind: 'written', revision: 2 });
  });

  test('at the bound a new key is refused and changes nothing; known keys are answered', () => {
    const driver = new Driver();
    ['k1', 'k2', 'k3'].forEach((key) => driver.apply(put('a'), key));
    const before = driver.store.checksum();
    expect(driver.apply(put('a'), 'k4')).toEqual({ kind: 'idempotencyTableFull' });
    expect(driver.apply(put('a'), 'k1')).toEqual({ kind: 'written', revision: 1 });
    expect(driver.store.checksum()).toBe(before);
    expect(driver.apply(put('a'))).toEqual({ kind: 'written', revision: 4 });
    driver.timeMs = 1_000;
    expect(driver.apply(put('a'), 'k4')).toEqual({ kind: 'written', revision: 5 });
    expect(driver.store.idempotencyEntryCount).toBe(1);
  });

  test('time of the log never goes back for the table', () => {
    const driver = new Driver();
    driver.timeMs = 5_000;
    driver.apply(put('a'), 'k');
    driver.timeMs = 10;
    driver.apply(put('a'), 'k2');
    driver.timeMs = 5_999;
    expect(driver.apply(put('a'), 'k2')).toEqual({ kind: 'written', revision: 2 });
  });
});

describe('bytes that are no command', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(64)],
    [
      'an invalid key',
      encodeCommand({ idempotency: { key: 'k', fingerprint: 'f', retentionMs: 1 }, command: put('a\0') }),
    ],
  ])('%s: malformed, and nothing changes', (_name, data) => {
    const driver = new Driver();
    const before = driver.store.checksum();
    expect(driver.applyBytes(data)).toEqual({ kind: 'malformed' });
    expect(driver.store.checksum()).toBe(before);
  });
});

describe('a command that only a later version knows', () => {
  test.each([
    ['its format', 0, 2],
    ['its kind', 2, 9],
  ])('by %s is not passed over', (_name, place, byte) => {
    const driver = new Driver();
    const before = driver.store.checksum();
    driver.timeMs = 1000;
    const data = encodeCommand({ idempotency: null, command: put('a') });
    data[place] = byte;
    expect(() => driver.applyBytes(data)).toThrow(NewerFormatError);
    expect(() => driver.applyBytes(data)).toThrow(
      /newer version of raftdb .* start the version that the other members/,
    );
    expect(driver.store.checksum()).toBe(before);
  });
});

test('the checksum covers the time of the log', () => {
  const driver = new Driver();
  driver.apply(put('a'));
  const before = driver.store.checksum();
  driver.timeMs = 1;
  driver.apply(remove('x'));
  expect(driver.store.checksum()).not.toBe(before);
});

test('the byte estimate follows keys, values and remembered results', () => {
  const driver = new Driver();
  expect(driver.store.byteEstimate).toBe(0);
  driver.apply(put('a', `"${'x'.repeat(1_000)}"`), 'k');
  expect(driver.store.byteEstimate).toBeGreaterThan(1_000 + driver.store.idempotencyBytes);
  driver.apply(remove('a'));
  expect(driver.store.byteEstimate).toBe(driver.store.idempotencyBytes);
});
