import { readU53, putAscii, textEncoder, writeU53 } from '../lib/bytes.js';
import type { Slot } from './slot-hash.js';
import type { KeyRecord, RecordReader } from './key-record.js';
import type { Hash64 } from './state-checksum.js';

/** A number of 32 bits: half of a hash, a slot, the length before a text. */
const wordBytes = 4;
/** Before each record: the slot of its key and its hash. */
const headBytes = 3 * wordBytes;
const numberBytes = 8;
/** Behind the value: createRevision, modRevision, version. */
const numbersBytes = 3 * numberBytes;

/** What a slab keeps beside a record. */
export interface RecordHead {
  /** That stands for the key. */
  readonly slot: Slot;
  /** In the checksum of the state. */
  readonly hash: Hash64;
}

/** Bytes that a record takes in a slab, given the lengths of its texts in bytes of UTF-8. */
export function recordBytes(keyBytes: number, valueBytes: number): number {
  return headBytes + 2 * wordBytes + keyBytes + valueBytes + numbersBytes;
}

/** Bytes that a record which was just read takes in a slab. */
export function readRecordBytes({ start, end }: RecordReader): number {
  return headBytes + end - start;
}

/**
 * Memory for records outside the heap of JavaScript: the collector neither visits nor moves what lies here.
 *
 * Records are only added. So whoever knows where they lie may read them while more are added behind them, until none of them is in
 * use and the slab serves again.
 */
export class RecordSlab {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(readonly length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }

  /**
   * Writes a record that has its room at `offset`.
   *
   * @param keyBytes - Length of its key in bytes of UTF-8.
   */
  write(offset: number, record: KeyRecord, { keyBytes, slot, hash }: RecordHead & { readonly keyBytes: number }): void {
    this.writeHead(offset, { slot, hash });
    const keyStart = offset + headBytes + wordBytes;
    this.view.setUint32(keyStart - wordBytes, keyBytes);
    this.writeKey(keyStart, record.key, keyBytes);
    const valueStart = keyStart + keyBytes + wordBytes;
    this.view.setUint32(valueStart - wordBytes, record.value.length);
    this.bytes.set(record.value, valueStart);
    const numbersStart = valueStart + record.value.length;
    writeU53(this.view, numbersStart, record.createRevision);
    writeU53(this.view, numbersStart + numberBytes, record.modRevision);
    writeU53(this.view, numbersStart + 2 * numberBytes, record.version);
  }

  /** Writes a record that was just read. */
  writeRead(offset: number, { bytes, start, end }: RecordReader, { slot, hash }: RecordHead): void {
    this.writeHead(offset, { slot, hash });
    this.bytes.set(bytes.subarray(start, end), offset + headBytes);
  }

  /** Copies a record with what is kept beside it, `length` bytes. */
  copy(offset: number, from: { readonly slab: RecordSlab; readonly offset: number; readonly length: number }): void {
    this.bytes.set(from.slab.bytes.subarray(from.offset, from.offset + from.length), offset);
  }

  /** Bytes that the record at `offset` takes here. */
  lengthAt(offset: number): number {
    return recordBytes(this.keyLength(offset), this.valueLength(offset));
  }

  slotAt(offset: number): Slot {
    return this.view.getUint32(offset);
  }

  hashAt(offset: number): Hash64 {
    return { high: this.view.getInt32(offset + wordBytes), low: this.view.getInt32(offset + 2 * wordBytes) };
  }

  /** As a view, good until the slab serves again. */
  valueAt(offset: number): Uint8Array {
    const start = this.valueStart(offset);
    return this.bytes.subarray(start, start + this.valueLength(offset));
  }

  createRevisionAt(offset: number): number {
    return readU53(this.view, this.numbersStart(offset));
  }

  modRevisionAt(offset: number): number {
    return readU53(this.view, this.numbersStart(offset) + numberBytes);
  }

  versionAt(offset: number): number {
    return readU53(this.view, this.numbersStart(offset) + 2 * numberBytes);
  }

  /** The record as key-record.ts says, as a view. */
  recordAt(offset: number): Uint8Array {
    return this.bytes.subarray(offset + headBytes, offset + this.lengthAt(offset));
  }

  private writeHead(offset: number, { slot, hash }: RecordHead): void {
    this.view.setUint32(offset, slot);
    this.view.setInt32(offset + wordBytes, hash.high);
    this.view.setInt32(offset + 2 * wordBytes, hash.low);
  }

  private writeKey(start: number, key: string, keyBytes: number): void {
    if (keyBytes > key.length) {
      textEncoder.encodeInto(key, this.bytes.subarray(start, start + keyBytes));
    } else {
      putAscii(this.bytes, start, key);
    }
  }

  private keyLength(offset: number): number {
    return this.view.getUint32(offset + headBytes);
  }

  private valueLength(offset: number): number {
    return this.view.getUint32(this.valueStart(offset) - wordBytes);
  }

  private valueStart(offset: number): number {
    return offset + headBytes + 2 * wordBytes + this.keyLength(offset);
  }

  private numbersStart(offset: number): number {
    const start = this.valueStart(offset);
    return start + this.view.getUint32(start - wordBytes);
  }
}
