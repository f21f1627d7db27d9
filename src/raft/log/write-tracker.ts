import { assert } from '../../lib/assert.js';
import type { LogIndex } from '../types.js';

interface OutstandingWrite {
  readonly sequence: number;
  /** When it was handed out. */
  readonly tick: number;
  /** The highest index that is durable once this write and all before it are; lowered by truncation. */
  lastIndex: LogIndex;
}

/**
 * Follows entries from memory to the disk: handed out for writing, then durable.
 *
 * Truncation lowers what writes under way can still prove: an index that is cut and appended anew is durable only
 * with the later write, although the earlier one reached the same index.
 */
export class WriteTracker {
  private outstanding: OutstandingWrite[] = [];
  private lastSequence = 0;
  private handed: LogIndex;
  private durable: LogIndex;

  /** @param lastIndex - Last index of the log that was read back: all of it is durable. */
  constructor(lastIndex: LogIndex) {
    this.handed = lastIndex;
    this.durable = lastIndex;
  }

  /** Highest index that was handed out for writing. */
  get handedIndex(): LogIndex {
    return this.handed;
  }

  /** Every entry up to here would survive a crash now. */
  get durableIndex(): LogIndex {
    return this.durable;
  }

  /** Number of the latest write. */
  get sequence(): number {
    return this.lastSequence;
  }

  get hasOutstanding(): boolean {
    return this.outstanding.length > 0;
  }

  /** When the oldest write that is not durable yet was handed out; null where all are durable. */
  get oldestTick(): number | null {
    return this.outstanding[0]?.tick ?? null;
  }

  /** A write that makes everything up to `lastIndex` durable is handed out at `tick`. */
  begin(lastIndex: LogIndex, tick: number): number {
    this.lastSequence += 1;
    this.handed = lastIndex;
    this.outstanding.push({ sequence: this.lastSequence, tick, lastIndex });
    return this.lastSequence;
  }

  /** The write `sequence` is durable, and so are all before it. */
  complete(sequence: number): void {
    const done = this.outstanding.filter((write) => write.sequence <= sequence);
    assert(done.length > 0, 'a write completes once, in order');
    this.outstanding = this.outstanding.slice(done.length);
    this.durable = Math.max(this.durable, ...done.map((write) => write.lastIndex));
  }

  /** Entries at `from` and above were removed in memory. */
  truncate(from: LogIndex): void {
    this.handed = Math.min(this.handed, from - 1);
    this.durable = Math.min(this.durable, from - 1);
    for (const write of this.outstanding) {
      write.lastIndex = Math.min(write.lastIndex, from - 1);
    }
  }

  /** The log was replaced by the position of a durable snapshot. */
  reset(index: LogIndex): void {
    this.truncate(1);
    this.handed = index;
    this.durable = index;
  }
}
