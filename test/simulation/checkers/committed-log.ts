import { at } from '../../../src/lib/assert.js';
import type { Configuration, Entry, LogIndex, Term } from '../../../src/raft/index.js';
import { decodeConfiguration } from '../../../src/raft/index.js';
import type { PrefixHash } from './entry-hash.js';
import { holds } from './violation.js';

interface CommittedEntry {
  readonly entry: Entry;
  readonly hash: PrefixHash;
  /** Term of the node that was the first to know it as committed. */
  readonly committedInTerm: Term;
}

/**
 * Every entry that any node ever took for committed, in order: what must never change (I5, I12).
 *
 * No node sees it; it is the witness of the whole run.
 */
export class CommittedLog {
  private readonly entries: CommittedEntry[] = [];
  private readonly configurations: { readonly index: LogIndex; readonly configuration: Configuration }[] = [];

  /** @param onCommitted - Takes each entry once, in order. */
  constructor(private readonly onCommitted: (entry: Entry) => void) {}

  get lastIndex(): LogIndex {
    return this.entries.length;
  }

  /** The hash of the log up to `index`, 0 for the empty one; undefined for what was never committed. */
  hashAt(index: LogIndex): PrefixHash | undefined {
    return index === 0 ? 0 : this.entries[index - 1]?.hash;
  }

  termAt(index: LogIndex): Term | undefined {
    return index === 0 ? 0 : this.entries[index - 1]?.entry.term;
  }

  timeAt(index: LogIndex): number {
    return index === 0 ? 0 : at(this.entries, index - 1).entry.timeMs;
  }

  /** The last index that was known as committed in a term below `term`. */
  lastCommittedBefore(term: Term): LogIndex {
    let index = this.entries.length;
    while (index > 0 && at(this.entries, index - 1).committedInTerm >= term) {
      index -= 1;
    }
    return index;
  }

  /** The members as of `index`; undefined before the first configuration. */
  configurationAt(index: LogIndex): Configuration | undefined {
    return this.configurations.findLast((step) => step.index <= index)?.configuration;
  }

  /** A node takes `entry` for committed in `term`, after a log with this hash. */
  note(entry: Entry, hash: PrefixHash, term: Term): void {
    const known = this.entries[entry.index - 1];
    if (known !== undefined) {
      holds(known.hash === hash, 'I12', () => `two entries are committed at ${entry.index}`);
      return;
    }
    holds(entry.index === this.entries.length + 1, 'I12', () => `${entry.index} is committed before what precedes it`);
    this.entries.push({ entry, hash, committedInTerm: term });
    if (entry.kind === 'configuration') {
      this.configurations.push({ index: entry.index, configuration: decodeConfiguration(entry.data) });
    }
    this.onCommitted(entry);
  }
}
