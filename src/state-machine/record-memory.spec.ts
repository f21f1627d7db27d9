import { describe, expect, test } from '@jest/globals';
import { encodeText, textBytes } from '../lib/bytes.js';
import { Random } from '../lib/random.js';
import { readKeyRecord } from './key-record.js';
import type { KeyRecord } from './key-record.js';
import { RecordMemory } from './record-memory.js';
import type { RecordAddress } from './record-memory.js';
import { kept } from '../../test/support/kept.js';

const MIB = 1024 * 1024;
const recordOf = (key: string, value: string, revision = 2 ** 40): KeyRecord => ({
  key,
  value: encodeText(value),
  createRevision: revision - 1,
  modRevision: revision,
  version: 2,
});

/** A memory and what is in it, by slot. */
class Driver {
  readonly memory = new RecordMemory();
  readonly addresses = new Map<number, RecordAddress>();

  write(slot: number, record: KeyRecord): void {
    const old = this.addresses.get(slot);
    if (old !== undefined) {
      this.memory.remove(old);
    }
    const head = { keyBytes: textBytes(record.key), slot, hash: { high: -slot, low: slot } };
    this.addresses.set(slot, this.memory.add(record, head));
  }

  delete(slot: number): void {
    const old = this.addresses.get(slot);
    if (old !== undefined) {
      this.memory.remove(old);
    }
    this.addresses.delete(slot);
  }

  tidy(bytesMax: number): void {
    this.memory.tidy(bytesMax, (slot, from, to) => {
      if (this.addresses.get(slot) === from) {
        this.addresses.set(slot, to());
      }
    });
  }

  value(slot: number): string | undefined {
    const address = this.addresses.get(slot);
    return address === undefined ? undefined : kept(this.memory.read(address)).value;
  }
}

describe('a record', () => {
  test.each([
    ['a', '1'],
    ['\u{1f600}é', '"é\u{1f600}\ufeff"'],
    ['\ufeff', '"\ufeff"'],
    ['k'.repeat(1024), `"${'x'.repeat(3 * MIB)}"`],
  ])('comes back as it was (%#)', (key, value) => {
    const driver = new Driver();
    const record = recordOf(key, value);
    driver.write(7, record);
    const address = driver.addresses.get(7) ?? NaN;
    const { createRevision, modRevision, version } = record;
    expect(kept(driver.memory.read(address))).toEqual({ value, createRevision, modRevision, version });
    expect(driver.memory.hash(address)).toEqual({ high: -7, low: 7 });
    const frozen = driver.memory.freeze().record(address);
    expect(readKeyRecord(frozen, modRevision)).toEqual(record);
  });
});

describe('garbage', () => {
  test('of writes over few keys is let go without a look at it', () => {
    const driver = new Driver();
    for (let write = 0; write < 20_000; write += 1) {
      driver.write(write % 10, recordOf(`k${write % 10}`, `"${write}"`));
    }
    expect(driver.memory.slabBytes).toBeLessThan(3 * MIB);
    expect(Array.from({ length: 10 }, (_, slot) => driver.value(slot))).toEqual(
      Array.from({ length: 10 }, (_, slot) => `"${19_990 + slot}"`),
    );
  });

  test('stays within half of what is in use, wherever writes and deletions fall', () => {
    const random = new Random(5);
    const driver = new Driver();
    const expected = new Map<number, string>();
    for (let step = 0; step < 60_000; step += 1) {
      const slot = random.between({ from: 0, until: 5_000 });
      if (random.chance(0.1)) {
        driver.delete(slot);
        expected.delete(slot);
      } else {
        const value = `"${step}${'x'.repeat(random.between({ from: 0, until: 500 }))}"`;
        driver.write(slot, recordOf(`k${slot}`, value));
        expected.set(slot, value);
      }
      driver.tidy(4 * 600);
      expect(driver.memory.slabBytes).toBeLessThan(driver.memory.liveBytes * 1.5 + 3 * MIB);
    }
    expect(new Map([...driver.addresses.keys()].map((slot) => [slot, driver.value(slot)]))).toEqual(expected);
  });

  test('of large records goes at once, and they waste no room of small ones', () => {
    const driver = new Driver();
    for (let write = 0; write < 300; write += 1) {
      driver.write(0, recordOf('large', `"${'x'.repeat(1.5 * MIB)}"`));
      driver.write(1 + write, recordOf(`k${write}`, '"small"'));
      driver.tidy(4 * 1.5 * MIB);
      expect(driver.memory.slabBytes).toBeLessThan(3 * MIB);
    }
  });

  test('is all that is looked for: a large record stays where it is while small ones change', () => {
    const driver = new Driver();
    driver.write(0, recordOf('large', `"${'x'.repeat(MIB)}"`));
    const addresses = new Set<number | undefined>();
    for (let write = 0; write < 1_000; write += 1) {
      driver.write(1, recordOf('counter', String(write)));
      driver.tidy(4_096);
      addresses.add(driver.addresses.get(0));
    }
    expect(addresses.size).toBe(1);
  });

  test('goes with the last record', () => {
    const driver = new Driver();
    for (let slot = 0; slot < 30_000; slot += 1) {
      driver.write(slot, recordOf(`k${slot}`, `"${'x'.repeat(200)}"`));
    }
    for (let slot = 0; slot < 30_000; slot += 1) {
      driver.delete(slot);
    }
    expect([driver.memory.liveBytes, driver.memory.slabBytes]).toEqual([0, MIB]);
  });
});

/** How many pieces of memory of a megabyte `work` asks for. */
function megabytesAskedFor(work: () => void): number {
  const { Uint8Array: original } = globalThis;
  let count = 0;
  globalThis.Uint8Array = new Proxy(original, {
    construct: (target, args: [number]) => {
      count += args[0] === MIB ? 1 : 0;
      return new target(...args);
    },
  });
  try {
    work();
  } finally {
    globalThis.Uint8Array = original;
  }
  return count;
}

describe('records that are written over again and again', () => {
  const driver = new Driver();
  const writeOver = (): void => {
    for (let slot = 0; slot < 10_000; slot += 1) {
      driver.write(slot, recordOf(`k${slot}`, `"${'x'.repeat(1000)}"`));
      driver.tidy(4 * 1024);
    }
  };
  writeOver();
  writeOver();

  test('take the memory of those before', () => {
    // Ten megabytes are written, and half as many are moved.
    expect(megabytesAskedFor(writeOver)).toBeLessThan(3);
  });

  test('leave alone what is frozen', () => {
    const frozen = driver.memory.freeze();
    const addresses = new Map(driver.addresses);
    expect(megabytesAskedFor(writeOver)).toBeGreaterThan(5);
    const read = [...addresses.values()].map((address) => readKeyRecord(frozen.record(address), 2 ** 40).key);
    expect(read).toEqual([...addresses.keys()].map((slot) => `k${slot}`));
    expect(megabytesAskedFor(writeOver)).toBeLessThan(3);
  });
});

test('what is frozen reads the same after its records were removed, moved and their slabs let go', () => {
  const driver = new Driver();
  for (let slot = 0; slot < 10_000; slot += 1) {
    driver.write(slot, recordOf(`k${slot}`, `"old ${slot} ${'x'.repeat(200)}"`));
  }
  const frozen = driver.memory.freeze();
  const addresses = new Map(driver.addresses);
  for (let slot = 0; slot < 10_000; slot += 1) {
    if (slot % 3 !== 0) {
      driver.write(slot, recordOf(`k${slot}`, `"new"`));
    }
    driver.tidy(4096);
  }
  const moved = [...addresses].filter(([slot, address]) => slot % 3 === 0 && driver.addresses.get(slot) !== address);
  expect(moved.length).toBeGreaterThan(1_000);
  for (const [slot, address] of addresses) {
    const { key, value } = readKeyRecord(frozen.record(address), 2 ** 40);
    expect([key, value]).toEqual([`k${slot}`, encodeText(`"old ${slot} ${'x'.repeat(200)}"`)]);
  }
});
