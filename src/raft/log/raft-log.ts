import { assert, at } from '../../lib/assert.js';
import { Configuration, decodeConfiguration } from '../membership/configuration.js';
import { ConfigurationHistory } from '../membership/configuration-history.js';
import type { SnapshotMetadata } from '../snapshot-metadata.js';
import type { Entry, LogIndex, Term } from '../types.js';
import { MemoryLog } from './memory-log.js';
import { WriteTracker } from './write-tracker.js';

/**
 * The whole log as the algorithm sees it: a snapshot, the entries in memory, what of them is durable, and the
 * configurations that they hold.
 */
export class RaftLog {
  readonly writes: WriteTracker;
  private memory: MemoryLog;
  private history: ConfigurationHistory;
  private latestSnapshot: SnapshotMetadata | null;
  /** Set until the next write: the stored log is to be replaced by this position. */
  private resetTo: { readonly index: LogIndex; readonly term: Term } | null = null;

  /**
   * @param snapshot - The newest snapshot, null where there is none.
   * @param stored - The entries that were read back. They may begin before the snapshot's end. Where they lack its
   *   position they are discarded: the snapshot was made durable and the crash came before the log followed.
   */
  constructor(snapshot: SnapshotMetadata | null, stored: readonly Entry[]) {
    this.latestSnapshot = snapshot;
    const anchor = { index: snapshot?.lastIncludedIndex ?? 0, term: snapshot?.lastIncludedTerm ?? 0 };
    const usable = reachesAnchor(stored, anchor) ? stored : [];
    this.memory = new MemoryLog(baseOf(usable, anchor));
    this.history = new ConfigurationHistory(anchor.index, snapshot?.configuration ?? Configuration.empty);
    for (const entry of usable.filter((candidate) => candidate.index > this.memory.baseIndex)) {
      this.memory.append(entry);
      this.noteConfiguration(entry, anchor.index);
    }
    this.writes = new WriteTracker(this.lastIndex);
    // Also where nothing is stored: the crash may have come before the log was told where the snapshot ends.
    this.resetTo = usable.length < stored.length || (stored.length === 0 && anchor.index > 0) ? anchor : null;
  }

  get lastIndex(): LogIndex {
    return this.memory.lastIndex;
  }

  get lastTerm(): Term {
    return this.memory.lastTerm;
  }

  /** Index of the first entry held in memory. */
  get firstIndex(): LogIndex {
    return this.memory.baseIndex + 1;
  }

  get bytes(): number {
    return this.memory.bytes;
  }

  get snapshot(): SnapshotMetadata | null {
    return this.latestSnapshot;
  }

  get snapshotIndex(): LogIndex {
    return this.latestSnapshot?.lastIncludedIndex ?? 0;
  }

  /** The configuration in use: the latest in the log, committed or not. */
  get configuration(): Configuration {
    return this.history.latest;
  }

  get configurationIndex(): LogIndex {
    return this.history.latestIndex;
  }

  configurationAsOf(index: LogIndex): Configuration {
    return this.history.asOf(index);
  }

  /** The term at `index`; undefined where it was compacted or is above the end. */
  termAt(index: LogIndex): Term | undefined {
    return this.memory.termAt(index);
  }

  entry(index: LogIndex): Entry | undefined {
    return this.memory.entry(index);
  }

  matches(position: { readonly index: LogIndex; readonly term: Term }): boolean {
    return this.termAt(position.index) === position.term;
  }

  /** Whether a log that ends in `last` is at least as up to date as this one (Raft paper §5.4.1). */
  isUpToDate(last: { readonly index: LogIndex; readonly term: Term }): boolean {
    return last.term > this.lastTerm || (last.term === this.lastTerm && last.index >= this.lastIndex);
  }

  /**
   * The highest index at or below `position.index` whose term is not above `position.term`: below a conflict, the
   * highest place at which two logs can still agree (Raft paper §5.3).
   */
  lastPossibleMatch(position: { readonly index: LogIndex; readonly term: Term }): LogIndex {
    let index = Math.min(position.index, this.lastIndex);
    while (index > this.memory.baseIndex && (this.termAt(index) ?? 0) > position.term) {
      index -= 1;
    }
    return index;
  }

  slice(from: LogIndex, limits: { readonly last: LogIndex; readonly bytesMax: number }): Entry[] {
    return this.memory.slice(from, limits);
  }

  append(entry: Entry): void {
    this.memory.append(entry);
    this.noteConfiguration(entry, this.history.latestIndex);
  }

  /** Removes the entries at `from` and above, with the configurations that they brought. */
  truncate(from: LogIndex): void {
    this.memory.truncate(from);
    this.writes.truncate(from);
    this.history.truncate(from);
  }

  /** A snapshot of this node's own state is durable. */
  noteSnapshot(metadata: SnapshotMetadata): void {
    assert(metadata.lastIncludedIndex >= this.snapshotIndex, 'snapshots do not go back');
    this.latestSnapshot = metadata;
  }

  /** Forgets entries up to `index`, at most up to the snapshot. @returns Whether something was forgotten. */
  compact(index: LogIndex): boolean {
    const last = Math.min(index, this.snapshotIndex, this.writes.durableIndex);
    if (last <= this.memory.baseIndex) {
      return false;
    }
    this.memory.compact(last);
    this.history.compact(last);
    return true;
  }

  /**
   * A received snapshot is durable and in force. Entries after it stay where the log holds its position; otherwise
   * the log is replaced by it (Raft paper §7).
   */
  installSnapshot(metadata: SnapshotMetadata): void {
    const position = { index: metadata.lastIncludedIndex, term: metadata.lastIncludedTerm };
    this.latestSnapshot = metadata;
    if (this.matches(position)) {
      return;
    }
    this.memory = new MemoryLog(position);
    this.history = new ConfigurationHistory(position.index, metadata.configuration);
    this.writes.reset(position.index);
    this.resetTo = position;
  }

  /** Takes what the next write must contain; empty where everything was handed out. */
  takeUnwritten(): { readonly reset: CoreReset; readonly entries: Entry[] } {
    const from = this.writes.handedIndex + 1;
    const entries = from > this.lastIndex ? [] : this.slice(from, { last: this.lastIndex, bytesMax: Infinity });
    const reset = this.resetTo;
    this.resetTo = null;
    return { reset, entries };
  }

  private noteConfiguration(entry: Entry, after: LogIndex): void {
    if (entry.kind === 'configuration' && entry.index > after) {
      this.history.append(entry.index, decodeConfiguration(entry.data));
    }
  }
}

type CoreReset = { readonly index: LogIndex; readonly term: Term } | null;

function reachesAnchor(stored: readonly Entry[], anchor: { readonly index: LogIndex; readonly term: Term }): boolean {
  const first = stored[0];
  assert(first === undefined || first.index <= anchor.index + 1, 'no entry is missing between snapshot and log');
  if (first === undefined || first.index === anchor.index + 1) {
    return true;
  }
  return stored[anchor.index - first.index]?.term === anchor.term;
}

/** Entries that begin before the snapshot's end give their first one as the base: the term before it is not known. */
function baseOf(
  stored: readonly Entry[],
  anchor: { readonly index: LogIndex; readonly term: Term },
): { readonly index: LogIndex; readonly term: Term } {
  const first = stored[0];
  if (first === undefined || first.index > anchor.index) {
    return anchor;
  }
  return first.index === 1 ? { index: 0, term: 0 } : { index: at(stored, 0).index, term: first.term };
}
