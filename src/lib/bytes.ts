import { isUtf8 } from 'node:buffer';

/** Bytes from a disk or a wire are not what the format says. Nothing was changed by reading them. */
export class MalformedBytesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedBytesError';
  }
}

/** Bytes of a form that only a later version of this program writes. */
export class NewerFormatError extends MalformedBytesError {
  constructor(message: string) {
    super(message);
    this.name = 'NewerFormatError';
  }
}

/** Of UTF-8. */
export const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const TWO_TO_32 = 0x1_0000_0000;
/** Shorter ASCII texts are put together here: a call of native code takes longer. */
const SHORT_TEXT_BYTES_MAX = 48;
/** For the units of a short text, by its length. */
const unitLists: (number[] | undefined)[] = [];

/** The UTF-8 bytes of `text`; lone surrogates become U+FFFD, so callers refuse them before. */
export function encodeText(text: string): Uint8Array {
  return textEncoder.encode(text);
}

/**
 * The text of UTF-8 bytes, a leading U+FEFF kept.
 *
 * @throws MalformedBytesError when they are not UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  return decodeTextAt(bytes, { from: 0, until: bytes.length });
}

/** Like {@link decodeText} for the bytes from `from` to before `until`. */
export function decodeTextAt(
  bytes: Uint8Array,
  { from, until }: { readonly from: number; readonly until: number },
): string {
  const text = until - from <= SHORT_TEXT_BYTES_MAX ? shortAscii(bytes, from, until) : null;
  if (text !== null) {
    return text;
  }
  try {
    return textDecoder.decode(bytes.subarray(from, until));
  } catch {
    throw new MalformedBytesError('not UTF-8');
  }
}

/** Null where not all bytes are ASCII. */
function shortAscii(bytes: Uint8Array, from: number, until: number): string | null {
  const length = until - from;
  const units = (unitLists[length] ??= new Array<number>(length).fill(0));
  let seen = 0;
  for (let index = 0; index < length; index += 1) {
    const unit = bytes[from + index] ?? 0;
    units[index] = unit;
    seen |= unit;
  }
  return seen < 0x80 ? String.fromCharCode.apply(null, units) : null;
}

/**
 * States that the bytes are UTF-8.
 *
 * @throws MalformedBytesError when they are not.
 */
export function requireUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) {
    throw new MalformedBytesError('not UTF-8');
  }
}

/** How many bytes `text` takes in UTF-8. */
export function textBytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // A surrogate is one of two units that take 4 bytes together.
    bytes += unit < 0x80 ? 0 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** Writes a safe integer from 0 to 2^53 - 1 in 8 bytes. */
export function writeU53(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / TWO_TO_32));
  view.setUint32(offset + 4, value % TWO_TO_32);
}

/** Reads what {@link writeU53} wrote. @returns Above 2^53 - 1 where it is damaged. */
export function readU53(view: DataView, offset: number): number {
  return view.getUint32(offset) * TWO_TO_32 + view.getUint32(offset + 4);
}

/**
 * Writes `text` from `start` on if it is ASCII, which is faster than a call of native code where it is short. There must be
 * room for a byte for each of its units.
 *
 * @returns False where it is not: what was written is of no use.
 */
export function putAscii(bytes: Uint8Array, start: number, text: string): boolean {
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes[start + index] = unit;
    seen |= unit;
  }
  return seen < 0x80;
}

// A view for numbers would have to be made for each run, by native code, and most have few.
function putU32(bytes: Uint8Array, start: number, value: number): void {
  bytes[start] = value >>> 24;
  bytes[start + 1] = value >>> 16;
  bytes[start + 2] = value >>> 8;
  bytes[start + 3] = value;
}

function getU32(bytes: Uint8Array, start: number): number {
  const low = (byteAt(bytes, start + 1) << 16) | (byteAt(bytes, start + 2) << 8) | byteAt(bytes, start + 3);
  return byteAt(bytes, start) * 0x100_0000 + low;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** Whether both hold the same bytes. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/**
 * Hands out memory for short runs of bytes from larger pieces: to ask the system for each costs more than to fill it. A run
 * that is kept keeps the whole piece, so those of one pool should be of about the same age.
 */
export class BytePool {
  private piece = new ArrayBuffer(0);
  private used = 0;

  /** @param pieceBytes - Runs above an eighth of it get memory of their own. */
  constructor(private readonly pieceBytes: number) {}

  /** Zeros that nobody else has. */
  take(length: number): Uint8Array {
    if (length > this.pieceBytes / 8) {
      return new Uint8Array(length);
    }
    if (this.used + length > this.piece.byteLength) {
      this.piece = new ArrayBuffer(this.pieceBytes);
      this.used = 0;
    }
    const run = new Uint8Array(this.piece, this.used, length);
    this.used += length;
    return run;
  }
}

/** Builds a run of bytes; numbers are big-endian. Grows as needed. */
export class ByteWriter {
  private bytes: Uint8Array;
  private length = 0;

  /**
   * @param capacity - Expected length in bytes.
   * @param pool - Where memory of that length comes from.
   */
  constructor(capacity = 256, pool?: BytePool) {
    this.bytes = pool === undefined ? new Uint8Array(capacity) : pool.take(capacity);
  }

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.length] = value;
    this.length += 1;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    putU32(this.bytes, this.length, value);
    this.length += 4;
    return this;
  }

  /** A safe integer from 0 to 2^53 - 1, in 8 bytes. */
  u53(value: number): this {
    this.reserve(8);
    putU32(this.bytes, this.length, Math.floor(value / TWO_TO_32));
    putU32(this.bytes, this.length + 4, value % TWO_TO_32);
    this.length += 8;
    return this;
  }

  /** The bytes as they are, without their length. */
  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** The length as a u32, then the bytes. */
  block(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** The length of the UTF-8 form as a u32, then that form. */
  text(text: string): this {
    this.reserve(4 + text.length);
    if (text.length <= SHORT_TEXT_BYTES_MAX && putAscii(this.bytes, this.length + 4, text)) {
      return this.endText(text.length);
    }
    let encoded = textEncoder.encodeInto(text, this.bytes.subarray(this.length + 4));
    if (encoded.read < text.length) {
      this.reserve(4 + text.length * 3);
      encoded = textEncoder.encodeInto(text, this.bytes.subarray(this.length + 4));
    }
    return this.endText(encoded.written);
  }

  /** Number of bytes so far. */
  get size(): number {
    return this.length;
  }

  /** Forgets what was written and keeps its memory: what {@link finish} returned before is written over. */
  clear(): this {
    this.length = 0;
    return this;
  }

  /** What was written, as a view: the writer must not be used while somebody looks at it. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, for good; the writer is done with. Copies nothing where its capacity was exact. */
  take(): Uint8Array {
    return this.length === this.bytes.length ? this.bytes : this.bytes.slice(0, this.length);
  }

  private endText(length: number): this {
    putU32(this.bytes, this.length, length);
    this.length += 4 + length;
    return this;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Reads what a {@link ByteWriter} wrote; every method throws {@link MalformedBytesError} past the end. */
export class ByteReader {
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  u8(): number {
    return byteAt(this.bytes, this.advance(1));
  }

  u32(): number {
    return getU32(this.bytes, this.advance(4));
  }

  u53(): number {
    const start = this.advance(8);
    const value = getU32(this.bytes, start) * TWO_TO_32 + getU32(this.bytes, start + 4);
    if (!Number.isSafeInteger(value)) {
      throw new MalformedBytesError('a number is above 2^53 - 1');
    }
    return value;
  }

  /** `length` bytes as a view of the input: whoever keeps them copies them. */
  raw(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A block as a view of the input: whoever keeps it copies it. */
  block(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    return decodeText(this.block());
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** States that everything was read. */
  end(): void {
    if (this.remaining !== 0) {
      throw new MalformedBytesError(`${this.remaining} bytes follow the end`);
    }
  }

  private advance(length: number): number {
    if (length > this.remaining) {
      throw new MalformedBytesError(`${length} bytes wanted, ${this.remaining} left`);
    }
    const start = this.offset;
    this.offset += length;
    return start;
  }
}
