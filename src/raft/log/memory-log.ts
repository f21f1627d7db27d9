import { assert, at } from '../../lib/assert.js';
import type { Entry, LogIndex, Term } from '../types.js';
import { entryBytes } from './entry-codec.js';

/** The entries after some base position, in memory, without gaps. */
export class MemoryLog {
  private entries: Entry[] = [];
  /** For each entry held: its bytes and those of all before it, forgotten ones too. So many are forgotten in no time. */
  private totals: number[] = [];
  /** Bytes of the entries that were forgotten. */
  private forgottenBytes = 0;

  /** @param base - The position before the first entry; its term is known, its entry is not held. */
  constructor(private base: { readonly index: LogIndex; readonly term: Term }) {}

  get baseIndex(): LogIndex {
    return this.base.index;
  }

  get lastIndex(): LogIndex {
    return this.base.index + this.entries.length;
  }

  get lastTerm(): Term {
    return this.entries.length === 0 ? this.base.term : at(this.entries, this.entries.length - 1).term;
  }

  /** Bytes of the entries held. */
  get bytes(): number {
    return this.totalBytes - this.forgottenBytes;
  }

  /** The entry at `index`, undefined where it is not held. */
  entry(index: LogIndex): Entry | undefined {
    return index > this.base.index ? this.entries[index - this.base.index - 1] : undefined;
  }

  /** The term of the entry at `index`; undefined below the base and above the end. */
  termAt(index: LogIndex): Term | undefined {
    return index === this.base.index ? this.base.term : this.entry(index)?.term;
  }

  /** Entries from `from` to the end, at most `bytesMax` of them but at least one. */
  slice(from: LogIndex, limits: { readonly last: LogIndex; readonly bytesMax: number }): Entry[] {
    assert(from > this.base.index, 'only held entries are read');
    const result: Entry[] = [];
    let bytes = 0;
    for (let index = from; index <= Math.min(limits.last, this.lastIndex); index += 1) {
      const entry = at(this.entries, index - this.base.index - 1);
      bytes += entryBytes(entry);
      if (result.length > 0 && bytes > limits.bytesMax) {
        break;
      }
      result.push(entry);
    }
    return result;
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, 'an entry follows the last one');
    assert(entry.term >= this.lastTerm, 'terms never go down along the log');
    this.entries.push(entry);
    this.totals.push(this.totalBytes + entryBytes(entry));
  }

  /** Removes the entry at `from` and everything after it. */
  truncate(from: LogIndex): void {
    assert(from > this.base.index, 'only held entries are removed');
    const kept = Math.min(from - this.base.index - 1, this.entries.length);
    this.entries.length = kept;
    this.totals.length = kept;
  }

  /** Makes `index` the base: forgets the entries up to and including it. */
  compact(index: LogIndex): void {
    const term = this.termAt(index);
    assert(term !== undefined, 'the log is compacted to a position that it holds');
    const count = index - this.base.index;
    this.forgottenBytes = this.totals[count - 1] ?? this.forgottenBytes;
    this.entries = this.entries.slice(count);
    this.totals = this.totals.slice(count);
    this.base = { index, term };
  }

  private get totalBytes(): number {
    return this.totals.at(-1) ?? this.forgottenBytes;
  }
}
