import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { KeyValueStore, encodeCommand } from '../../src/state-machine/index.js';
import type { Command, CommandResult, RestoreCommand } from '../../src/state-machine/index.js';
import { kept } from '../support/kept.js';

const bump = 1000;

let source: KeyValueStore;
let store: KeyValueStore;
let index: number;

beforeEach(() => {
  index = 0;
  source = new KeyValueStore();
  store = new KeyValueStore();
  put(source, 'a', '1');
  put(source, 'b', '2');
  put(source, 'a', '3');
  put(store, 'a', '"here"');
  put(store, 'c', '"here"');
});

function apply(target: KeyValueStore, command: Command, timeMs = 0, key: string | null = null): CommandResult {
  index += 1;
  const idempotency = key === null ? null : { key, fingerprint: 'f', retentionMs: 1_000_000 };
  return target.apply({ index, timeMs, data: encodeCommand({ idempotency, command }) });
}

function put(target: KeyValueStore, key: string, value: string): CommandResult {
  return apply(target, { kind: 'put', entries: [{ key, value: encodeText(value) }], condition: null });
}

type Step = RestoreCommand extends infer Each
  ? Each extends RestoreCommand
    ? Omit<Each, 'kind' | 'id'>
    : never
  : never;

function step(change: Step, { id = 'r1', timeMs = 0, key = null as string | null } = {}): CommandResult {
  return apply(store, { kind: 'restore', id, ...change }, timeMs, key);
}

function begin(id = 'r1'): CommandResult {
  return step({ step: 'begin', backupRevision: source.revision(), bump }, { id });
}

/** Sends all blocks of the source. @returns How many there were. */
function sendAll(from = 0): number {
  const blocks = [...source.backup().blocks];
  for (const [chunk, records] of blocks.entries()) {
    if (chunk >= from) {
      expect(step({ step: 'chunk', chunk, records })).toEqual({ kind: 'staged' });
    }
  }
  return blocks.length;
}

function commit(chunkCount: number, keyCount = source.keyCount): CommandResult {
  return step({ step: 'commit', chunkCount, keyCount });
}

function contents(target: KeyValueStore): unknown[] {
  return target.range({ prefix: '', after: null, limit: 1000 }).items.map((item) => kept(item));
}

/** The same state by way of a snapshot. */
function throughSnapshot(target: KeyValueStore): KeyValueStore {
  const copy = new KeyValueStore();
  const reader = copy.startRestore();
  for (const chunk of target.snapshot()) {
    reader.add(chunk);
  }
  reader.finish();
  return copy;
}

describe('a restore', () => {
  it('puts all keys in force at once, at a revision above both stores', () => {
    begin();
    const chunks = sendAll();
    const before = contents(store);
    expect(before).toMatchObject([{ key: 'a', value: '"here"' }, { key: 'c' }]);
    expect(commit(chunks)).toEqual({ kind: 'written', revision: 3 + bump });
    expect(store.revision()).toBe(3 + bump);
    expect(contents(store)).toEqual([
      { key: 'a', value: '3', createRevision: 1, modRevision: 3 + bump, version: 2 },
      { key: 'b', value: '2', createRevision: 2, modRevision: 3 + bump, version: 1 },
    ]);
    put(store, 'd', '4');
    expect(store.get('d')?.modRevision).toBe(4 + bump);
  });

  it('lets others write meanwhile, whose writes it replaces', () => {
    begin();
    const chunks = sendAll();
    put(store, 'late', '1');
    expect(commit(chunks)).toMatchObject({ kind: 'written' });
    expect(store.get('late')).toBeUndefined();
  });

  it('takes a step twice from who got no answer', () => {
    begin();
    sendAll();
    expect(begin()).toEqual({ kind: 'staged' });
    expect(commit(sendAll())).toMatchObject({ kind: 'written' });
  });

  it('committed twice under one idempotency key has one effect and one answer', () => {
    begin();
    const chunks = sendAll();
    const first = step({ step: 'commit', chunkCount: chunks, keyCount: 2 }, { key: 'once' });
    put(store, 'after', '1');
    begin('r2');
    expect(step({ step: 'commit', chunkCount: chunks, keyCount: 2 }, { id: 'r2', key: 'once' })).toEqual(first);
    expect(store.get('after')).toBeDefined();
    const checksum = store.checksum();
    step({ step: 'abort' }, { id: 'r2' });
    expect(store.checksum()).toBe(checksum);
  });

  it('keeps what is remembered of other writes', () => {
    const write: Command = { kind: 'put', entries: [{ key: 'k', value: encodeText('1') }], condition: null };
    const first = apply(store, write, 0, 'id-1');
    begin();
    commit(sendAll());
    expect(apply(store, write, 0, 'id-1')).toEqual(first);
    expect(store.get('k')).toBeUndefined();
  });
});

describe('a restore is refused and changes no key', () => {
  it.each<[string, string, () => CommandResult]>([
    ['where it was never begun', 'unknown', () => step({ step: 'chunk', chunk: 0, records: new Uint8Array() })],
    [
      'where another began since',
      'unknown',
      () => (begin(), begin('r2'), step({ step: 'chunk', chunk: 0, records: new Uint8Array() })),
    ],
    ['once it was given up', 'unknown', () => (begin(), step({ step: 'abort' }), commit(0))],
    [
      'where a chunk is missing',
      'outOfOrder',
      () => (begin(), step({ step: 'chunk', chunk: 1, records: new Uint8Array() })),
    ],
    ['where the last chunk is missing', 'outOfOrder', () => (begin(), commit(sendAll() + 1))],
    ['where keys are missing', 'outOfOrder', () => (begin(), commit(sendAll(), 3))],
    [
      'where records are none',
      'damaged',
      () => (begin(), step({ step: 'chunk', chunk: 0, records: Uint8Array.of(1, 2) })),
    ],
    [
      'where keys come twice',
      'damaged',
      () => {
        begin();
        sendAll();
        const [records = new Uint8Array()] = source.backup().blocks;
        return step({ step: 'chunk', chunk: 1, records });
      },
    ],
    [
      'where its revision is none',
      'outrun',
      () => step({ step: 'begin', backupRevision: Number.MAX_SAFE_INTEGER, bump }),
    ],
    [
      'where it stood still for ten minutes',
      'unknown',
      () => {
        begin();
        const chunks = sendAll();
        return step({ step: 'commit', chunkCount: chunks, keyCount: 2 }, { timeMs: 600_000 });
      },
    ],
    [
      'where writes have reached its revision',
      'outrun',
      () => {
        step({ step: 'begin', backupRevision: 3, bump: 1 });
        const chunks = sendAll();
        put(store, 'x', '1');
        put(store, 'y', '1');
        const result = commit(chunks);
        apply(store, { kind: 'delete', key: 'x', condition: null });
        apply(store, { kind: 'delete', key: 'y', condition: null });
        return result;
      },
    ],
  ])('%s', (_what, reason, act) => {
    const before = contents(store);
    expect(act()).toEqual({ kind: 'restoreRefused', reason });
    expect(contents(store)).toEqual(before);
  });
});

describe('a staging area', () => {
  it('belongs to the checksum, and is gone from it when it was given up', () => {
    const before = store.checksum();
    begin();
    const begun = store.checksum();
    sendAll();
    expect(new Set([before, begun, store.checksum()]).size).toBe(3);
    step({ step: 'abort' });
    expect(store.checksum()).toBe(before);
  });

  it('goes on from a snapshot', () => {
    begin();
    const chunks = sendAll();
    const copy = throughSnapshot(store);
    expect(copy.checksum()).toBe(store.checksum());
    const end: Command = { kind: 'restore', id: 'r1', step: 'commit', chunkCount: chunks, keyCount: 2 };
    expect(apply(copy, end)).toEqual(apply(store, end));
    expect(copy.checksum()).toBe(store.checksum());
    expect(contents(copy)).toEqual(contents(store));
  });

  it('is in no snapshot that was begun before, whatever comes to it later', () => {
    begin();
    const taken = store.snapshot();
    const checksum = store.checksum();
    sendAll();
    const copy = new KeyValueStore();
    const reader = copy.startRestore();
    for (const chunk of taken) {
      reader.add(chunk);
    }
    reader.finish();
    expect(copy.checksum()).toBe(checksum);
  });
});
