import { describe, expect, test } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { Random } from '../../src/lib/random.js';
import { encodeCommand, KeyValueStore } from '../../src/state-machine/index.js';
import { oddKeys, randomCommand, randomKey, randomPrefix } from './commands.js';
import { Model } from './model.js';
import { kept } from '../support/kept.js';

const limits = { entriesMax: 30, bytesMax: 1_000_000 };
const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const commandsPerSeed = 600;

describe('random commands', () => {
  test.each(seeds)('have the results that a plain model gives (seed %d)', (seed) => {
    const random = new Random(seed);
    const mix = { keys: random.between({ from: 5, until: 400 }), idempotencyKeys: 60 };
    const store = new KeyValueStore(limits);
    const model = new Model(limits);
    let timeMs = 0;
    for (let index = 1; index <= commandsPerSeed; index += 1) {
      timeMs += random.chance(0.02) ? 400 : random.between({ from: 0, until: 15 });
      const envelope = randomCommand(random, mix);
      expect(store.apply({ index, timeMs, data: encodeCommand(envelope) })).toEqual(model.apply(envelope, timeMs));
      if (index % 20 === 0) {
        expectEqualReads(random, store, model);
      }
    }
    expectEqualReads(random, store, model);
  });

  // Nodes that took snapshots at different moments share nodes of the trees in different ways.
  test.each(seeds)('leave clones made on the way as they were (seed %d)', (seed) => {
    const random = new Random(seed);
    const mix = { keys: 300, idempotencyKeys: 40 };
    const store = new KeyValueStore(limits);
    const plain = new KeyValueStore(limits);
    const frozen: { chunks: Iterable<Uint8Array>; copy: Uint8Array[] }[] = [];
    for (let index = 1; index <= commandsPerSeed; index += 1) {
      const applied = { index, timeMs: index, data: encodeCommand(randomCommand(random, mix)) };
      expect(store.apply(applied)).toEqual(plain.apply(applied));
      expect(store.checksum()).toBe(plain.checksum());
      if (random.chance(0.05)) {
        const chunks = store.snapshot();
        frozen.push({ chunks, copy: [...chunks] });
      }
    }
    expect(frozen.length).toBeGreaterThan(5);
    for (const { chunks, copy } of frozen) {
      expect([...chunks]).toEqual(copy);
    }
  });
});

test('odd keys are keys like all others', () => {
  const store = new KeyValueStore(limits);
  oddKeys.forEach((key, index) => {
    const command = {
      kind: 'put' as const,
      entries: [{ key, value: encodeText(JSON.stringify(key)) }],
      condition: null,
    };
    store.apply({ index: index + 1, timeMs: 0, data: encodeCommand({ idempotency: null, command }) });
  });
  expect(store.keyCount).toBe(oddKeys.length);
  for (const key of oddKeys) {
    expect(kept(store.get(key))?.value).toBe(JSON.stringify(key));
    expect(store.range({ prefix: key, after: null, limit: 1 }).items[0]?.key).toBe(key);
  }
  expect({}).not.toHaveProperty('value');
});

/** Compares some reads, and everything where the random page is large enough. */
function expectEqualReads(random: Random, store: KeyValueStore, model: Model): void {
  const prefix = randomPrefix(random);
  const after = random.chance(0.5) ? null : randomKey(random, { keys: 400, idempotencyKeys: 0 });
  const limit = random.between({ from: 1, until: 500 });
  const all = model.sorted(prefix);
  const position = after === null ? -1 : lastIndexUpTo(all, after);
  const page = all.slice(position + 1, position + 1 + limit);
  const hasMore = position + 1 + limit < all.length;
  const { items, next } = store.range({ prefix, after, limit });
  expect({ items: items.map((item) => kept(item)), next }).toEqual({
    items: page,
    next: hasMore ? page.at(-1)?.key : null,
  });
  expect(store.count(prefix)).toBe(all.length);
  expect(store.keyCount).toBe(model.keys.size);
  expect(store.revision()).toBe(model.revision);
  const key = randomKey(random, { keys: 400, idempotencyKeys: 0 });
  expect(kept(store.get(key))).toEqual(model.keys.get(key));
}

/** Position of the last item that does not come after `key` in byte order; -1 where all do. */
function lastIndexUpTo(items: readonly { key: string }[], key: string): number {
  const bytes = Buffer.from(key);
  return items.findLastIndex((item) => Buffer.compare(Buffer.from(item.key), bytes) <= 0);
}
