import { at } from '../../../src/lib/assert.js';
import type { Configuration, Entry, LogIndex, Term } from '../../../src/raft/index.js';
import { decodeConfiguration } from '../../../src/raft/index.js';
import type { PrefixHash } from './entry-hash.js';
import { extendHash } from './entry-hash.js';
import { holds } from './violation.js';

interface Position {
  readonly index: LogIndex;
  readonly term: Term;
  readonly hash: PrefixHash;
}

/** The log of one node, followed from outside by what the node hands out to be written. */
export class LogMirror {
  private positions: Position[] = [];
  private configurations: { readonly index: LogIndex; readonly configuration: Configuration }[];

  /** @param base - Where the log begins, and the configuration in force there. */
  constructor(
    private base: Position,
    configuration: { readonly index: LogIndex; readonly configuration: Configuration },
  ) {
    this.configurations = [configuration];
  }

  get baseIndex(): LogIndex {
    return this.base.index;
  }

  get lastIndex(): LogIndex {
    return this.base.index + this.positions.length;
  }

  hashAt(index: LogIndex): PrefixHash | undefined {
    return index === this.base.index ? this.base.hash : this.positions[index - this.base.index - 1]?.hash;
  }

  termAt(index: LogIndex): Term | undefined {
    return index === this.base.index ? this.base.term : this.positions[index - this.base.index - 1]?.term;
  }

  /** The members that count now: those of the last configuration in the log (I14). */
  get configuration(): Configuration {
    return at(this.configurations, this.configurations.length - 1).configuration;
  }

  get configurationIndex(): LogIndex {
    return at(this.configurations, this.configurations.length - 1).index;
  }

  /** The members as of `index`, or as of the beginning of the log where that is later. */
  configurationAsOf(index: LogIndex): Configuration {
    const step = this.configurations.findLast((candidate) => candidate.index <= index);
    return (step ?? at(this.configurations, 0)).configuration;
  }

  /** Configurations of the log above `index`, oldest first. */
  configurationsAbove(index: LogIndex): readonly Configuration[] {
    return this.configurations.filter((step) => step.index > index).map((step) => step.configuration);
  }

  /** Appends `entry` and removes what stood at its index and above. @returns How many entries were removed. */
  append(entry: Entry): number {
    holds(entry.index <= this.lastIndex + 1, 'I8', () => `entry ${entry.index} leaves a gap after ${this.lastIndex}`);
    const removed = this.positions.splice(entry.index - this.base.index - 1).length;
    if (removed > 0) {
      this.configurations = this.configurations.filter((step, order) => order === 0 || step.index < entry.index);
    }
    const lastTerm = this.termAt(entry.index - 1) ?? 0;
    holds(entry.term >= lastTerm, 'I8', () => `the term of entry ${entry.index} goes back`);
    const hash = extendHash(this.hashAt(entry.index - 1) ?? 0, entry);
    this.positions.push({ index: entry.index, term: entry.term, hash });
    if (entry.kind === 'configuration' && entry.index > at(this.configurations, 0).index) {
      this.configurations.push({ index: entry.index, configuration: decodeConfiguration(entry.data) });
    }
    return removed;
  }

  /** A snapshot took the place of the whole log. */
  reset(base: Position, configuration: Configuration): void {
    this.base = base;
    this.positions = [];
    this.configurations = [{ index: base.index, configuration }];
  }
}
