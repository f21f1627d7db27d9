/**
 * A value of EDN (the notation of Clojure data), as far as histories use it: nil, numbers, truth values, texts, keywords,
 * vectors, lists and maps. Commas are blanks.
 */
export type Edn = null | string | number | boolean | Keyword | readonly Edn[] | EdnMap;

/** A keyword: `:ok` has the name `ok`. */
export class Keyword {
  constructor(readonly name: string) {}
}

/** A map by the names of its keys: `:f` and `"f"` are both `f`. */
export type EdnMap = ReadonlyMap<string, Edn>;

/** Nesting that is read; deeper is an error. */
const DEPTH_MAX = 32;

/**
 * Reads all values of a line.
 *
 * @throws SyntaxError that says what is wrong and at which character.
 */
export function parseEdn(text: string): readonly Edn[] {
  const reader = new EdnReader(text);
  const values: Edn[] = [];
  while (reader.skipBlanks()) {
    values.push(reader.read(0));
  }
  return values;
}

const ATOM = /[^\s,()[\]{}"]+/y;
const TEXT = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[NM]?$/;
const BLANKS = /(?:[\s,]|;.*)*/y;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const WORDS: ReadonlyMap<string, Edn> = new Map<string, Edn>([
  ['nil', null],
  ['null', null],
  ['true', true],
  ['false', false],
]);

class EdnReader {
  private offset = 0;

  constructor(private readonly text: string) {}

  /** @returns False at the end of the text. */
  skipBlanks(): boolean {
    this.match(BLANKS);
    return this.offset < this.text.length;
  }

  read(depth: number): Edn {
    const first = this.text.charAt(this.offset);
    const closing = CLOSING[first];
    if (closing !== undefined) {
      return this.readItems({ first, closing, depth: depth + 1 });
    }
    if (first === '"') {
      return this.readText();
    }
    const atom = this.match(ATOM);
    if (atom === '') {
      throw this.error(`unexpected ${JSON.stringify(first)}`);
    }
    return this.atomOf(atom);
  }

  private readItems({ first, closing, depth }: { first: string; closing: string; depth: number }): Edn {
    if (depth > DEPTH_MAX) {
      throw this.error('nested too deep');
    }
    this.offset += 1;
    const items: Edn[] = [];
    while (this.skipBlanks() && this.text.charAt(this.offset) !== closing) {
      items.push(this.read(depth));
    }
    if (this.offset >= this.text.length) {
      throw this.error(`${closing} is missing`);
    }
    this.offset += 1;
    return first === '{' ? this.mapOf(items) : items;
  }

  private mapOf(items: readonly Edn[]): EdnMap {
    const map = new Map<string, Edn>();
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      const value = items[index + 1];
      const name = key instanceof Keyword ? key.name : key;
      if (typeof name !== 'string' || value === undefined) {
        throw this.error('a map needs pairs of keyword and value');
      }
      if (map.has(name)) {
        throw this.error(`:${name} is there twice`);
      }
      map.set(name, value);
    }
    return map;
  }

  private readText(): string {
    const quoted = this.match(TEXT);
    if (quoted === '') {
      throw this.error('a text has no end');
    }
    return quoted.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, escaped: string) => this.unescape(escaped));
  }

  private unescape(escaped: string): string {
    if (escaped.length > 1) {
      return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    }
    const plain = ({ n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' } as Record<string, string | undefined>)[escaped];
    if (plain === undefined) {
      throw this.error(`unknown escape \\${escaped}`);
    }
    return plain;
  }

  private atomOf(atom: string): Edn {
    if (atom.startsWith(':') && atom.length > 1) {
      return new Keyword(atom.slice(1));
    }
    const word = WORDS.get(atom);
    if (word !== undefined) {
      return word;
    }
    if (!NUMBER.test(atom)) {
      throw this.error(`unknown word ${JSON.stringify(atom)}`);
    }
    const number = Number(atom.replace(/[NM]$/, ''));
    if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
      throw this.error(`${atom} is too large to be told from its neighbours`);
    }
    return number;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.offset += found.length;
    return found;
  }

  private error(problem: string): SyntaxError {
    return new SyntaxError(`${problem} at character ${this.offset + 1}`);
  }
}
