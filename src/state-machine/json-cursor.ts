const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const letterU = 0x75;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** 1 for each byte that stands for itself in a string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0,
);

/** What may follow a backslash, `u` apart. */
const escapable: ReadonlySet<number> = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map(code));
const literals: ReadonlyMap<number, readonly number[]> = new Map(
  ['true', 'false', 'null'].map((word) => [code(word), Array.from(word, code)]),
);

/**
 * Moves over JSON (RFC 8259) in UTF-8 byte by byte and builds nothing.
 *
 * Every `skip` moves past what it names and returns true, or returns false with {@link offset} where it ended. Each
 * byte is looked at once or twice; recursion is as deep as the values may be.
 */
export class JsonCursor {
  /** Byte that comes next. */
  offset = 0;
  /** Where the name that {@link skipName} found ends, its quote included. */
  nameEnd = 0;
  /** Whether it stopped because of the depth. */
  isTooDeep = false;
  private depth = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly depthMax: number,
  ) {}

  get isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** Moves past `byte` if it comes next. */
  take(byte: number): boolean {
    if (this.bytes[this.offset] !== byte) {
      return false;
    }
    this.offset += 1;
    return true;
  }

  skipSpace(): void {
    for (;;) {
      const byte = this.bytes[this.offset];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        return;
      }
      this.offset += 1;
    }
  }

  /** A value, no white space before it. */
  skipValue(): boolean {
    const byte = this.bytes[this.offset];
    switch (byte) {
      case undefined:
        return false;
      case quote:
        return this.skipString();
      case openBrace:
        return this.skipNested(closeBrace);
      case openBracket:
        return this.skipNested(closeBracket);
      default:
        return byte === minus || isDigit(byte) ? this.skipNumber() : this.skipLiteral(byte);
    }
  }

  /** The name of a member, its colon and the white space up to the value. */
  skipName(): boolean {
    if (this.bytes[this.offset] !== quote || !this.skipString()) {
      return false;
    }
    this.nameEnd = this.offset;
    this.skipSpace();
    if (!this.take(colon)) {
      return false;
    }
    this.skipSpace();
    return true;
  }

  /** An array or object, which ends with `close`. */
  private skipNested(close: number): boolean {
    if (this.depth === this.depthMax) {
      this.isTooDeep = true;
      return false;
    }
    this.depth += 1;
    this.offset += 1;
    this.skipSpace();
    const skipped = this.take(close) || this.skipElements(close);
    this.depth -= 1;
    return skipped;
  }

  private skipElements(close: number): boolean {
    do {
      this.skipSpace();
      if (close === closeBrace && !this.skipName()) {
        return false;
      }
      if (!this.skipValue()) {
        return false;
      }
      this.skipSpace();
    } while (this.take(comma));
    return this.take(close);
  }

  private skipLiteral(first: number): boolean {
    const word = literals.get(first);
    return word?.every((byte) => this.take(byte)) ?? false;
  }

  private skipNumber(): boolean {
    this.take(minus);
    if (!this.take(zero) && !this.skipDigits()) {
      return false;
    }
    if (this.take(dot) && !this.skipDigits()) {
      return false;
    }
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(plus)) {
        this.take(minus);
      }
      return this.skipDigits();
    }
    return true;
  }

  /** One digit or more. */
  private skipDigits(): boolean {
    const start = this.offset;
    while (isDigit(this.bytes[this.offset])) {
      this.offset += 1;
    }
    return this.offset > start;
  }

  private skipString(): boolean {
    this.offset += 1;
    for (;;) {
      this.skipPlain();
      const byte = this.bytes[this.offset];
      if (byte === undefined) {
        return false;
      }
      if (byte === quote) {
        this.offset += 1;
        return true;
      }
      if (byte === backslash) {
        if (!this.skipEscape()) {
          return false;
        }
      } else if (!this.skipSequence(byte)) {
        return false;
      }
    }
  }

  /** ASCII that stands for itself: most of nearly any string, so the loop touches nothing but locals. */
  private skipPlain(): void {
    const { bytes } = this;
    let { offset } = this;
    while (isPlain[bytes[offset] ?? 0] === 1) {
      offset += 1;
    }
    this.offset = offset;
  }

  private skipEscape(): boolean {
    const escaped = this.bytes[this.offset + 1];
    if (escaped !== letterU) {
      this.offset += 2;
      return escaped !== undefined && escapable.has(escaped);
    }
    const unit = this.takeUnit();
    if (unit === null || isLowSurrogate(unit)) {
      return false;
    }
    if (!isHighSurrogate(unit)) {
      return true;
    }
    const low = this.takeUnit();
    return low !== null && isLowSurrogate(low);
  }

  /** Moves past `\uXXXX` and gives its unit; null where it is something else. */
  private takeUnit(): number | null {
    if (!this.take(backslash) || !this.take(letterU)) {
      return null;
    }
    let unit = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const value = hexDigit(this.bytes[this.offset]);
      if (value === null) {
        return null;
      }
      unit = unit * 16 + value;
      this.offset += 1;
    }
    return unit;
  }

  /**
   * A UTF-8 sequence of two to four bytes, as table 3-7 of the Unicode standard allows them. A control character,
   * which has to be escaped, begins none.
   */
  private skipSequence(lead: number): boolean {
    if (lead < 0xc2 || lead > 0xf4) {
      return false;
    }
    this.offset += 1;
    if (lead < 0xe0) {
      return this.skipContinuation(0x80, 0xbf);
    }
    if (!this.skipContinuation(lowestSecond(lead), highestSecond(lead))) {
      return false;
    }
    return this.skipContinuation(0x80, 0xbf) && (lead < 0xf0 || this.skipContinuation(0x80, 0xbf));
  }

  private skipContinuation(lowest: number, highest: number): boolean {
    const byte = this.bytes[this.offset];
    if (byte === undefined || byte < lowest || byte > highest) {
      return false;
    }
    this.offset += 1;
    return true;
  }
}

/** Keeps out what a shorter sequence could say. */
function lowestSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

/** Keeps out surrogates (U+D800 to U+DFFF) and what is above U+10FFFF. */
function highestSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function hexDigit(byte: number | undefined): number | null {
  if (byte === undefined) {
    return null;
  }
  if (isDigit(byte)) {
    return byte - zero;
  }
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : null;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function code(text: string): number {
  return text.charCodeAt(0);
}
