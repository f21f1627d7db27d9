import { decodeTextAt } from '../lib/bytes.js';

const TWO_TO_32 = 0x1_0000_0000;

/** A hash of 64 bits as two signed integers of 32. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/**
 * A digest of a set of entries: the sum of their hashes, lane by lane modulo 2^32.
 *
 * A sum does not depend on the order of additions and takes back what was added, so that nodes agree whatever their
 * histories were. It finds accidents; it is no proof against somebody who builds colliding entries.
 */
export class Checksum {
  constructor(
    private high = 0,
    private low = 0,
  ) {}

  add(hash: Hash64): void {
    this.high = (this.high + hash.high) | 0;
    this.low = (this.low + hash.low) | 0;
  }

  subtract(hash: Hash64): void {
    this.high = (this.high - hash.high) | 0;
    this.low = (this.low - hash.low) | 0;
  }

  /** The sum itself, to be added to that of another set. */
  value(): Hash64 {
    return { high: this.high, low: this.low };
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return hex32(this.high) + hex32(this.low);
  }

  clone(): Checksum {
    return new Checksum(this.high, this.low);
  }
}

/**
 * Hashes the parts of one entry, in order, into 64 bits.
 *
 * Two lanes take each word of 32 bits by steps that lose nothing (xor or add, rotate, multiply by an odd number), so
 * entries that differ in one word never have equal lanes; the end mixes every bit into every other.
 */
export class EntryHasher {
  private high: number;
  private low: number;

  /** @param domain - Tells the kinds of entries apart: equal parts of two kinds hash differently. */
  constructor(domain: number) {
    this.high = Math.imul(domain, 0x9e3779b1);
    this.low = ~domain;
  }

  /** A safe integer, not negative. */
  number(value: number): this {
    this.word(value | 0);
    this.word(Math.floor(value / TWO_TO_32) | 0);
    return this;
  }

  /** The UTF-16 units, two to a word, after their number: no two lists of texts give the same words. */
  text(text: string): this {
    this.word(text.length);
    const pairsEnd = text.length - (text.length % 2);
    let high = this.high;
    let low = this.low;
    for (let index = 0; index < pairsEnd; index += 2) {
      const word = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
      high = mixHigh(high, word);
      low = mixLow(low, word);
    }
    this.high = high;
    this.low = low;
    if (pairsEnd < text.length) {
      this.word(text.charCodeAt(pairsEnd));
    }
    return this;
  }

  /**
   * Like {@link text} for the text that the bytes of UTF-8 from `from` to before `until` are.
   *
   * @throws MalformedBytesError when they are not UTF-8.
   */
  utf8(bytes: Uint8Array, from = 0, until = bytes.length): this {
    const { high, low } = this;
    if (!this.ascii(bytes, from, until)) {
      this.high = high;
      this.low = low;
      this.text(decodeTextAt(bytes, { from, until }));
    }
    return this;
  }

  finish(): Hash64 {
    const high = avalanche(this.high);
    return { high, low: avalanche(this.low ^ high) };
  }

  /** Takes each byte for the unit that it stands for in ASCII. @returns Whether all of them are ASCII. */
  private ascii(bytes: Uint8Array, from: number, until: number): boolean {
    this.word(until - from);
    const pairsEnd = until - ((until - from) % 2);
    let { high, low } = this;
    let seen = 0;
    for (let index = from; index < pairsEnd; index += 2) {
      const word = unitAt(bytes, index) | (unitAt(bytes, index + 1) << 16);
      seen |= word;
      high = mixHigh(high, word);
      low = mixLow(low, word);
    }
    this.high = high;
    this.low = low;
    if (pairsEnd < until) {
      const last = unitAt(bytes, pairsEnd);
      seen |= last;
      this.word(last);
    }
    return (seen & 0x80_0080) === 0;
  }

  private word(word: number): void {
    this.high = mixHigh(this.high, word);
    this.low = mixLow(this.low, word);
  }
}

function unitAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function mixHigh(lane: number, word: number): number {
  const mixed = lane ^ word;
  return Math.imul((mixed << 13) | (mixed >>> 19), 0x9e3779b1);
}

function mixLow(lane: number, word: number): number {
  const mixed = (lane + word) | 0;
  return Math.imul((mixed << 17) | (mixed >>> 15), 0x85ebca6b);
}

/** The finalizer of MurmurHash3 (Appleby 2011), public domain. */
function avalanche(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex32(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
