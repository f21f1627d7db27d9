import { decodeTextAt, MalformedBytesError, readU53, requireUtf8 } from '../lib/bytes.js';
import { validateKey } from './keys.js';
import { requireValid, requireValueLength } from './value-codec.js';

/*
 * A key with what is stored, in a snapshot, in a backup and in memory: key text, value text, createRevision u53,
 * modRevision u53, version u53. A text is its length in bytes as a u32, then its UTF-8 bytes.
 */

/** A key as it is stored. */
export interface KeyRecord {
  readonly key: string;
  /** The JSON text as it was given, in UTF-8. */
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Number of writes since the key was created, from 1. */
  readonly version: number;
}

const lengthBytes = 4;
const numberBytes = 8;

/**
 * Reads records that follow each other, one at a time: the fields are those of the one that was read last. A million of
 * them are read without an object or a view for each.
 */
export class RecordReader implements KeyRecord {
  key = '';
  createRevision = 0;
  modRevision = 0;
  version = 0;
  /** The record lies from here on, up to {@link end}, and its value from {@link valueStart} up to {@link valueEnd}. */
  start = 0;
  valueStart = 0;
  valueEnd = 0;
  end = 0;
  private readonly view: DataView;

  /** @param revision - Of the store that the records were written from. */
  constructor(
    readonly bytes: Uint8Array,
    private readonly revision: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.end === this.bytes.length;
  }

  /** A view of the input: whoever keeps it copies it. */
  get value(): Uint8Array {
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /**
   * Reads the next record. Whether its value is UTF-8, whoever takes it finds out.
   *
   * @throws MalformedBytesError when it cannot be a key of that store.
   */
  next(): void {
    this.start = this.end;
    const keyStart = this.start + lengthBytes;
    const keyEnd = keyStart + this.lengthAt(this.start);
    this.valueStart = keyEnd + lengthBytes;
    this.valueEnd = this.valueStart + this.lengthAt(keyEnd);
    this.end = this.valueEnd + 3 * numberBytes;
    this.requireRoom(this.end);
    this.key = requireValid(decodeTextAt(this.bytes, { from: keyStart, until: keyEnd }), validateKey);
    requireValueLength(this.valueEnd - this.valueStart);
    this.createRevision = this.numberAt(this.valueEnd);
    this.modRevision = this.numberAt(this.valueEnd + numberBytes);
    this.version = this.numberAt(this.valueEnd + 2 * numberBytes);
    if (this.createRevision < 1 || this.createRevision > this.modRevision || this.modRevision > this.revision) {
      throw new MalformedBytesError('revisions are not in order');
    }
    if (this.version < 1 || this.version > this.modRevision - this.createRevision + 1) {
      throw new MalformedBytesError('a version is not one');
    }
  }

  private lengthAt(offset: number): number {
    this.requireRoom(offset + lengthBytes);
    return this.view.getUint32(offset);
  }

  private numberAt(offset: number): number {
    const value = readU53(this.view, offset);
    if (!Number.isSafeInteger(value)) {
      throw new MalformedBytesError('a number is above 2^53 - 1');
    }
    return value;
  }

  private requireRoom(end: number): void {
    if (end > this.bytes.length) {
      throw new MalformedBytesError(`a record ends at byte ${end} of ${this.bytes.length}`);
    }
  }
}

/**
 * The one record that the bytes are.
 *
 * @param revision - Of the store that it was written from.
 * @returns Its value is a view of the input: whoever keeps it copies it.
 * @throws MalformedBytesError when it cannot be a key of that store.
 */
export function readKeyRecord(bytes: Uint8Array, revision: number): KeyRecord {
  const reader = new RecordReader(bytes, revision);
  reader.next();
  const { key, value, createRevision, modRevision, version } = reader;
  requireUtf8(value);
  return { key, value, createRevision, modRevision, version };
}
