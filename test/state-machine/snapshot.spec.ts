import { describe, expect, test } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { ByteReader, ByteWriter, encodeText, MalformedBytesError } from '../../src/lib/bytes.js';
import { Random } from '../../src/lib/random.js';
import type { StateMachine } from '../../src/ports/state-machine.port.js';
import {
  encodeCommand,
  KeyValueStore,
  snapshotChunkBytesMax,
  snapshotPieceBytesMax,
} from '../../src/state-machine/index.js';
import type { CommandEnvelope } from '../../src/state-machine/index.js';
import { oddKeys, randomCommand } from './commands.js';
import { kept } from '../support/kept.js';

const limits = { entriesMax: 1_000, bytesMax: 1_000_000 };
const preambleBytes = 8;
const retentionMs = 10_000;

const put = (key: string, value: string, idempotencyKey?: string): CommandEnvelope => ({
  idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, fingerprint: 'f', retentionMs },
  command: { kind: 'put', entries: [{ key, value: encodeText(value) }], condition: null },
});

function storeOf(envelopes: readonly CommandEnvelope[]): KeyValueStore {
  const store = new KeyValueStore(limits);
  envelopes.forEach((envelope, index) => {
    store.apply({ index: index + 1, timeMs: index * 3, data: encodeCommand(envelope) });
  });
  return store;
}

/** A store with every kind of record: odd keys, deleted ones, all three results remembered. */
function smallStore(): KeyValueStore {
  return storeOf([
    ...oddKeys.map((key) => put(key, JSON.stringify(key))),
    put('k', '1', 'id-1'),
    {
      idempotency: { key: 'id-2', fingerprint: 'f', retentionMs },
      command: { kind: 'delete', key: 'k', condition: null },
    },
    {
      idempotency: { key: 'id-3', fingerprint: 'g', retentionMs },
      command: { kind: 'delete', key: 'k', condition: { kind: 'ifMatch', modRevision: 7 } },
    },
    {
      idempotency: { key: 'id-4', fingerprint: 'g', retentionMs },
      command: { kind: 'delete', key: '..', condition: { kind: 'ifNoneMatch' } },
    },
    put('..', '2'),
  ]);
}

function restore(chunks: Iterable<Uint8Array>, store = new KeyValueStore(limits)): KeyValueStore {
  const restoring = store.startRestore();
  for (const chunk of chunks) {
    restoring.add(chunk);
  }
  restoring.finish();
  return store;
}

function everything(store: KeyValueStore): unknown {
  return {
    items: store.range({ prefix: '', after: null, limit: Infinity }).items.map((item) => kept(item)),
    checksum: store.checksum(),
    revision: store.revision(),
    idempotency: [store.idempotencyEntryCount, store.idempotencyBytes],
    bytes: store.byteEstimate,
  };
}

const joined = (store: KeyValueStore): Uint8Array => Uint8Array.from(Buffer.concat([...store.snapshot()]));

describe('restore(snapshot(s)) equals s', () => {
  test('the store satisfies the port', () => {
    const machine: Pick<StateMachine, keyof StateMachine> = smallStore();
    expect(machine.checksum()).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each([1, 2, 3, 4, 5, 6])('after random commands (seed %d)', (seed) => {
    const random = new Random(seed);
    const store = storeOf(
      Array.from({ length: 1_500 }, () => randomCommand(random, { keys: 900, idempotencyKeys: 500 })),
    );
    const restored = restore(store.snapshot());
    expect(everything(restored)).toEqual(everything(store));
    // The restored trees have another shape; whatever comes next must not show it.
    for (let index = 2_000; index < 2_300; index += 1) {
      const applied = {
        index,
        timeMs: index * 5,
        data: encodeCommand(randomCommand(random, { keys: 900, idempotencyKeys: 500 })),
      };
      expect(restored.apply(applied)).toEqual(store.apply(applied));
      expect(restored.checksum()).toBe(store.checksum());
    }
    expect(everything(restored)).toEqual(everything(store));
  });

  test('with no key at all', () => {
    expect(everything(restore(new KeyValueStore(limits).snapshot()))).toEqual(everything(new KeyValueStore(limits)));
  });

  test('remembered results are answered by the restored store', () => {
    const restored = restore(smallStore().snapshot());
    const retry = { index: 99, timeMs: 200, data: encodeCommand(put('k', '1', 'id-1')) };
    expect(restored.apply(retry)).toEqual({ kind: 'written', revision: oddKeys.length + 1 });
    expect(restored.get('k')).toBeUndefined();
  });

  test('equal states have equal snapshots, whatever their histories were', () => {
    const [left, right] = [restore(smallStore().snapshot()), smallStore()];
    expect(joined(left)).toEqual(joined(right));
  });

  test('the chunks may be cut anywhere', () => {
    const bytes = joined(smallStore());
    for (const size of [1, 3, 7, 64, 1_000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      );
      expect(everything(restore(pieces))).toEqual(everything(smallStore()));
    }
  });

  test('a restore keeps no view of the chunks', () => {
    const restoring = new KeyValueStore(limits);
    const reader = restoring.startRestore();
    for (const chunk of smallStore().snapshot()) {
      const given = chunk.slice();
      reader.add(given);
      given.fill(0);
    }
    reader.finish();
    expect(everything(restoring)).toEqual(everything(smallStore()));
  });
});

describe('a large state', () => {
  const value = (length: number): string => `"${'x'.repeat(length - 2)}"`;
  const large = storeOf([
    ...Array.from({ length: 2_000 }, (_, index) => put(`key-${index}`, value(300))),
    ...[1, 2, 3].map((index) => put(`big-${index}`, value(1024 * 1024))),
    put('emoji', `"${'\u{1f600}'.repeat(200_000)}"`),
  ]);

  test('is cut into pieces of 64 KiB, the last one shorter, each with its own memory', () => {
    const pieces = [...large.snapshot()];
    expect(pieces.length).toBeGreaterThan(60);
    expect(pieces.slice(0, -1).every((piece) => piece.length === snapshotPieceBytesMax)).toBe(true);
    expect(at(pieces, pieces.length - 1).length).toBeLessThanOrEqual(snapshotPieceBytesMax);
    expect(pieces.every((piece) => piece.buffer.byteLength === piece.length)).toBe(true);
    expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
  });

  test('comes back with values that span chunks', () => {
    expect(everything(restore(large.snapshot()))).toEqual(everything(large));
  });

  test('is read while writes go on, and does not show them', () => {
    const store = restore(large.snapshot());
    const before = everything(store);
    const chunks: Uint8Array[] = [];
    const snapshot = store.snapshot();
    let index = 10_000;
    for (const chunk of snapshot) {
      chunks.push(chunk);
      for (const key of ['key-1999', `new-${index}`, 'big-3']) {
        index += 1;
        store.apply({ index, timeMs: index, data: encodeCommand(put(key, '1', `id-${index}`)) });
      }
      const command = { kind: 'deletePrefix' as const, prefix: `key-${index % 100}` };
      store.apply({ index, timeMs: index, data: encodeCommand({ idempotency: null, command }) });
    }
    expect(everything(restore(chunks))).toEqual(before);
    expect(everything(store)).not.toEqual(before);
  });

  test('a snapshot shows the moment at which it was taken, not that at which it is read', () => {
    const store = smallStore();
    const before = everything(store);
    const snapshot = store.snapshot();
    store.apply({ index: 100, timeMs: 500, data: encodeCommand(put('late', '1')) });
    expect(everything(restore(snapshot))).toEqual(before);
  });
});

describe('the state in force', () => {
  test('serves and changes until the restore is finished', () => {
    const store = storeOf([put('old', '1')]);
    const restoring = store.startRestore();
    for (const chunk of smallStore().snapshot()) {
      restoring.add(chunk);
    }
    store.apply({ index: 2, timeMs: 0, data: encodeCommand(put('old', '2')) });
    expect(kept(store.get('old'))?.value).toBe('2');
    restoring.verify();
    expect(store.revision()).toBe(2);
    restoring.finish();
    expect(everything(store)).toEqual(everything(smallStore()));
  });

  test('is not touched by a restore that is refused, and the next one works', () => {
    const store = storeOf([put('old', '1', 'id')]);
    const before = everything(store);
    const damaged = joined(smallStore());
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
    expect(() => restore([damaged], store)).toThrow(MalformedBytesError);
    expect(everything(store)).toEqual(before);
    expect(everything(restore(smallStore().snapshot(), store))).toEqual(everything(smallStore()));
  });

  test('stays when what was added is not the whole', () => {
    const store = storeOf([put('old', '1')]);
    const restoring = store.startRestore();
    const bytes = joined(smallStore());
    restoring.add(bytes.slice(0, -1));
    expect(() => {
      restoring.verify();
    }).toThrow('the end is missing');
    expect(() => {
      restoring.finish();
    }).toThrow(MalformedBytesError);
    expect(kept(store.get('old'))?.value).toBe('1');
  });

  test('a refused restore stays refused', () => {
    const restoring = new KeyValueStore(limits).startRestore();
    const { preamble, header, keys, idempotency } = pages(joined(smallStore()));
    expect(() => {
      restoring.add(Uint8Array.of(...preamble, ...header, ...idempotency));
    }).toThrow('precedes a key');
    expect(() => {
      restoring.add(Uint8Array.of(...keys, ...idempotency));
    }).toThrow('it was refused before');
    expect(() => {
      restoring.finish();
    }).toThrow('it was refused before');
  });
});

describe('damage is refused:', () => {
  const bytes = joined(smallStore());
  const refused = (damaged: Uint8Array, message?: string): void => {
    expect(() => restore([damaged])).toThrow(MalformedBytesError);
    expect(() => restore([damaged])).toThrow(message);
  };

  test('every cut', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      refused(bytes.slice(0, length));
    }
  });

  test('a flipped bit in every byte, and every bit of the beginning', () => {
    for (let bit = 0; bit < bytes.length * 8; bit += bit < 800 ? 1 : 7) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => restore([damaged])).toThrow(MalformedBytesError);
    }
  });

  test('bytes, a page or a second snapshot behind the end', () => {
    refused(Uint8Array.of(...bytes, 0), 'the end is missing');
    refused(Uint8Array.of(...bytes, ...pages(bytes).keys), 'a key too many');
    refused(Uint8Array.of(...bytes, ...pages(bytes).idempotency), 'an idempotency entry too many');
    refused(Uint8Array.of(...bytes, ...bytes));
  });

  test('a newer version', () => {
    refused(Uint8Array.of(...bytes.slice(0, preambleBytes - 1), 2, ...bytes.slice(preambleBytes)), 'format 2');
  });

  test('another file', () => {
    refused(new TextEncoder().encode('SQLite format 3'), 'not a snapshot');
  });

  test('pages that are missing or out of order', () => {
    const { preamble, header, keys, idempotency } = pages(bytes);
    refused(Uint8Array.of(...preamble), 'the header is missing');
    refused(Uint8Array.of(...preamble, ...keys, ...header, ...idempotency), 'the header is missing');
    refused(Uint8Array.of(...preamble, ...header, ...header, ...keys, ...idempotency), 'a second header');
    refused(Uint8Array.of(...preamble, ...header, ...idempotency, ...keys), 'precedes a key');
    refused(Uint8Array.of(...preamble, ...header, ...idempotency), 'precedes a key');
    refused(Uint8Array.of(...preamble, ...header, ...keys), 'idempotency entries are missing');
  });

  test('a chunk or a page that is too long', () => {
    refused(new Uint8Array(snapshotChunkBytesMax + 1), 'a chunk has');
    refused(Uint8Array.of(...bytes.slice(0, preambleBytes), 0xff, 0xff, 0xff, 0xff), 'a page of a snapshot has');
    refused(Uint8Array.of(...bytes.slice(0, preambleBytes), 0, 0, 0, 0), 'a page of a snapshot has 0 bytes');
  });

  // The counts and the checksum of these snapshots are right: only the rule itself refuses them.
  test.each<[string, KeyRecord[], string]>([
    ['keys in the order of UTF-16', [record('\u{1f600}'), record('\ufeff')], 'keys are not in order'],
    ['a key twice', [record('a'), record('a')], 'keys are not in order'],
    ['an empty key', [record('')], 'at least one byte'],
    ['a key of 1,025 bytes', [record('k'.repeat(1_025))], 'at most 1024 bytes'],
    ['a key with NUL', [record('a\0')], 'NUL'],
    ['an empty value', [record('a', { value: '' })], 'a value has 0 bytes'],
    ['a revision of the future', [record('a', { modRevision: 10, version: 1 })], 'revisions are not in order'],
    ['a creation after the last write', [record('a', { createRevision: 2 })], 'revisions are not in order'],
    ['a creation at revision 0', [record('a', { createRevision: 0 })], 'revisions are not in order'],
    ['version 0', [record('a', { version: 0 })], 'a version is not one'],
    ['more versions than revisions', [record('a', { version: 2 })], 'a version is not one'],
  ])('%s', (_name, records, message) => {
    refused(handMade(records), message);
  });

  test('the hand-made form is right where the records are', () => {
    expect(() => restore([handMade([record('\ufeff'), record('\u{1f600}')])])).toThrow('the checksum is another one');
  });
});

interface KeyRecord {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

function record(key: string, changed: Partial<KeyRecord> = {}): KeyRecord {
  return { key, value: '1', createRevision: 1, modRevision: 1, version: 1, ...changed };
}

/** A snapshot of revision 9 that holds `records` and no idempotency entry; its checksum is wrong. */
function handMade(records: readonly KeyRecord[]): Uint8Array {
  const header = new ByteWriter().u8(1).u53(9).u53(0).u53(records.length).u53(0).text('0'.repeat(16)).finish();
  const keys = new ByteWriter().u8(2);
  for (const { key, value, createRevision, modRevision, version } of records) {
    keys.text(key).text(value).u53(createRevision).u53(modRevision).u53(version);
  }
  const magic = new TextEncoder().encode('RAFTDBS');
  return new ByteWriter().raw(magic).u8(1).block(header).block(keys.finish()).finish();
}

/** The parts of a snapshot of three pages, lengths included. */
function pages(bytes: Uint8Array): Record<'preamble' | 'header' | 'keys' | 'idempotency', Uint8Array> {
  const reader = new ByteReader(bytes);
  const preamble = reader.raw(preambleBytes);
  const page = (): Uint8Array => new ByteWriter().block(reader.block()).finish();
  const parts = { preamble, header: page(), keys: page(), idempotency: page() };
  reader.end();
  return parts;
}
