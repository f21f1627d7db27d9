import { textBytes } from '../lib/bytes.js';
import { KeyIndex } from './key-index.js';
import type { Slot } from './slot-hash.js';
import { endOfPrefix, fromOrderedForm, toOrderedForm } from './key-order.js';
import type { KeyRecord, RecordReader } from './key-record.js';
import { RecordMemory } from './record-memory.js';
import type { RecordAddress } from './record-memory.js';
import type { RangeItem, RangeRequest, RangeResult, StoredValue } from './results.js';
import { SlotTable } from './slot-table.js';
import { Checksum, EntryHasher } from './state-checksum.js';
import type { Hash64 } from './state-checksum.js';

/** About what a key takes in memory besides its record: its text, its places in tree and hash table, its slot. */
export const keyOverheadBytes = 120;

/** Tells the hash of a key from those of the other parts of the state. */
const hashDomain = 1;

/** Records to be looked at for garbage, in bytes for each byte that was written or freed; and after one change at most. */
const tidiedPerByte = 4;
const tidiedBytesMax = 256 * 1024;

/** The keys of a map as they were at one moment. */
export interface FrozenKeys {
  readonly keyCount: number;
  /** Every key with what is stored, in byte order, each as key-record.ts says: views, good for as long as the frozen keys are. */
  records(): Generator<Uint8Array>;
}

/**
 * The keys with their values and revisions, in byte order of the keys.
 *
 * A key has a slot, found by the index; the slot says where its record lies, in memory outside the heap of JavaScript.
 * So the collector has a text a key to look at, and a write over an existing key changes one number.
 *
 * Freezing takes next to no time; the checksum and the size follow each change.
 */
export class VersionedMap {
  private readonly index = new KeyIndex();
  private readonly slots = new SlotTable();
  private readonly memory = new RecordMemory();
  private readonly sum = new Checksum();
  /** Bytes of records that are still to be looked at. */
  private owedBytes = 0;

  freeze(): FrozenKeys {
    const sorted = this.index.freeze();
    const slots = this.slots.freeze();
    const memory = this.memory.freeze();
    return {
      keyCount: sorted.size,
      *records() {
        for (const slot of sorted.values()) {
          yield memory.record(slots.get(slot));
        }
      },
    };
  }

  get keyCount(): number {
    return this.index.size;
  }

  /** About what keys and values take in memory, in bytes: their records and {@link keyOverheadBytes} a key. */
  get byteEstimate(): number {
    return this.memory.liveBytes + this.index.size * keyOverheadBytes;
  }

  /** What the records take in memory with the garbage among them, in bytes. */
  get slabBytes(): number {
    return this.memory.slabBytes;
  }

  /** Of all keys with their values and revisions. */
  get checksum(): Hash64 {
    return this.sum.value();
  }

  /** Its value is a view, good until the next change. */
  get(key: string): StoredValue | undefined {
    const address = this.addressOf(key);
    return address === undefined ? undefined : this.memory.read(address);
  }

  modRevision(key: string): number | null {
    const address = this.addressOf(key);
    return address === undefined ? null : this.memory.modRevision(address);
  }

  /**
   * Writes a value as of `revision`, which is above every revision in the map.
   *
   * @param value - A JSON text in UTF-8; copied.
   */
  put(key: string, value: Uint8Array, revision: number): void {
    const form = toOrderedForm(key);
    const slot = this.index.get(form);
    if (slot === undefined) {
      this.add(form, { key, value, createRevision: revision, modRevision: revision, version: 1 });
      this.tidy(value.length);
      return;
    }
    const old = this.slots.get(slot);
    const createRevision = this.memory.createRevision(old);
    const version = this.memory.version(old) + 1;
    const freed = this.discount(old);
    this.slots.set(slot, this.store(form, { key, value, createRevision, modRevision: revision, version }, slot));
    this.tidy(freed + value.length);
  }

  /** About how many keys are going to be appended to this empty map. */
  expect(keyCount: number): void {
    this.index.expect(keyCount);
  }

  /**
   * Adds a key as it was stored.
   *
   * @returns False, and nothing is added, unless the key comes after every key of the map.
   * @throws MalformedBytesError where its value is not UTF-8; nothing is added then.
   */
  append(record: KeyRecord): boolean {
    const form = toOrderedForm(record.key);
    if (!this.isAbove(form)) {
      return false;
    }
    const hash = hashRecord(form, record);
    const slot = this.addLast(form, hash);
    this.slots.set(slot, this.memory.add(record, { keyBytes: textBytes(record.key), slot, hash }));
    return true;
  }

  /** Like {@link append} for a key that was just read: its bytes are copied as they are. */
  appendRead(record: RecordReader): boolean {
    const form = toOrderedForm(record.key);
    if (!this.isAbove(form)) {
      return false;
    }
    const hash = hashOf(form, record, { value: record.bytes, from: record.valueStart, until: record.valueEnd });
    const slot = this.addLast(form, hash);
    this.slots.set(slot, this.memory.addRead(record, { slot, hash }));
    return true;
  }

  /** @returns Whether there was such a key. */
  delete(key: string): boolean {
    const form = toOrderedForm(key);
    const slot = this.index.get(form);
    if (slot === undefined) {
      return false;
    }
    this.index.delete(form);
    this.tidy(this.release(slot));
    return true;
  }

  /** @returns How many keys there were. */
  deletePrefix(prefix: string): number {
    const first = toOrderedForm(prefix);
    const before = this.index.size;
    let freed = 0;
    this.index.deleteRange(first, endOfPrefix(first), (slot) => {
      freed += this.release(slot);
    });
    this.tidy(freed);
    return before - this.index.size;
  }

  count(prefix: string): number {
    const first = toOrderedForm(prefix);
    return prefix === '' ? this.index.size : this.index.count(first, endOfPrefix(first));
  }

  /** Its values are views, good until the next change. */
  range(request: RangeRequest): RangeResult {
    const { limit, bytesMax = Infinity } = request;
    const prefix = toOrderedForm(request.prefix);
    const after = toOrderedForm(request.after ?? '');
    const items: RangeItem[] = [];
    let bytes = 0;
    for (const [form, slot] of this.index.entries(after > prefix ? after : prefix)) {
      if (!form.startsWith(prefix)) {
        break;
      }
      if (form === after) {
        continue;
      }
      const stored = this.memory.read(this.slots.get(slot));
      const key = fromOrderedForm(form);
      bytes += textBytes(key) + countedBytes(stored, request);
      if (items.length >= limit || (items.length > 0 && bytes > bytesMax)) {
        return { items, next: items.at(-1)?.key ?? null };
      }
      items.push({ key, ...stored });
    }
    return { items, next: null };
  }

  private addressOf(key: string): RecordAddress | undefined {
    const slot = this.index.get(toOrderedForm(key));
    return slot === undefined ? undefined : this.slots.get(slot);
  }

  /** Adds a key that is not there. */
  private add(form: string, record: KeyRecord): void {
    const slot = this.slots.add();
    this.index.add(form, slot);
    this.slots.set(slot, this.store(form, record, slot));
  }

  /** Whether a form comes after every one in the map. */
  private isAbove(form: string): boolean {
    const last = this.index.last();
    return last === undefined || form > last;
  }

  /** A slot for a form that comes after every one in the map. */
  private addLast(form: string, hash: Hash64): Slot {
    const slot = this.slots.add();
    this.index.append(form, slot);
    this.sum.add(hash);
    return slot;
  }

  private store(form: string, record: KeyRecord, slot: Slot): RecordAddress {
    const hash = hashRecord(form, record);
    this.sum.add(hash);
    return this.memory.add(record, { keyBytes: textBytes(record.key), slot, hash });
  }

  /** The slot stands for no key any more. @returns Bytes of its record. */
  private release(slot: Slot): number {
    const freed = this.discount(this.slots.get(slot));
    this.slots.free(slot);
    return freed;
  }

  /** @returns Bytes of the record that is none any more. */
  private discount(address: RecordAddress): number {
    this.sum.subtract(this.memory.hash(address));
    return this.memory.remove(address);
  }

  /** @param bytes - Written or freed by the change that this follows. */
  private tidy(bytes: number): void {
    this.owedBytes += bytes * tidiedPerByte;
    const lookedBytes = Math.min(this.owedBytes, tidiedBytesMax);
    const hasMore = this.memory.tidy(lookedBytes, (slot, from, to) => {
      if (this.slots.holds(slot, from)) {
        this.slots.set(slot, to());
      }
    });
    this.owedBytes = hasMore ? this.owedBytes - lookedBytes : 0;
  }
}

function countedBytes({ value }: StoredValue, { keysOnly = false }: RangeRequest): number {
  return keysOnly ? 0 : value.length;
}

/** The hash of one key in the checksum of the state. */
function hashRecord(form: string, record: KeyRecord): Hash64 {
  return hashOf(form, record, { value: record.value, from: 0, until: record.value.length });
}

function hashOf(
  form: string,
  record: Omit<KeyRecord, 'value'>,
  { value, from, until }: { readonly value: Uint8Array; readonly from: number; readonly until: number },
): Hash64 {
  return new EntryHasher(hashDomain)
    .text(form)
    .utf8(value, from, until)
    .number(record.createRevision)
    .number(record.modRevision)
    .number(record.version)
    .finish();
}
