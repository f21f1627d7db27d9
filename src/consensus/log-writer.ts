import { assert } from '../lib/assert.js';
import type { LogWrite } from '../ports/log-store.port.js';
import type { CoreWrite, Entry, HardState, Message } from '../raft/index.js';
import { entryBytes } from '../raft/index.js';

/** What became durable: the number for the core, and the messages that waited for it. */
export interface CompletedWrites {
  readonly sequence: number;
  readonly messages: readonly Message[];
}

/**
 * Group commit by double buffering: one write is in flight, everything that arrives meanwhile is the next one.
 *
 * No timer: the disk sets the pace. Order is kept, so that a write is durable when it completes, and all before it.
 */
export class LogWriter {
  private waiting: CoreWrite[] = [];
  private inFlight: CoreWrite[] | null = null;

  /**
   * @param start - Starts one durable write; its end is reported with {@link complete}.
   * @param batchBytesMax - Entries in one write, in bytes; a larger CoreWrite goes alone.
   */
  constructor(
    private readonly start: (write: LogWrite) => void,
    private readonly batchBytesMax: number,
  ) {}

  /** @returns What needs no disk at all and is complete at once: messages with nothing before them. Null: wait. */
  add(write: CoreWrite): CompletedWrites | null {
    if (this.inFlight === null && isEmpty(write)) {
      return { sequence: write.sequence, messages: write.messagesAfter };
    }
    this.waiting.push(write);
    this.startNext();
    return null;
  }

  /** The write in flight is durable: the next one starts. */
  complete(): CompletedWrites {
    const done = this.inFlight;
    assert(done !== null && done.length > 0, 'a write completes after it started');
    this.inFlight = null;
    const trailing = this.takeEmpty();
    const all = [...done, ...trailing];
    this.startNext();
    return { sequence: Math.max(...all.map((write) => write.sequence)), messages: all.flatMap((w) => w.messagesAfter) };
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.inFlight === null;
  }

  private startNext(): void {
    if (this.inFlight !== null || this.waiting.length === 0) {
      return;
    }
    this.inFlight = this.takeBatch();
    this.start(merge(this.inFlight));
  }

  private takeBatch(): CoreWrite[] {
    let bytes = 0;
    const end = this.waiting.findIndex((write, position) => {
      bytes += write.entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
      return position > 0 && bytes > this.batchBytesMax;
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }

  /** Writes at the head of the queue that only waited for the one before them. */
  private takeEmpty(): CoreWrite[] {
    const end = this.waiting.findIndex((write) => !isEmpty(write));
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}

function isEmpty(write: CoreWrite): boolean {
  return write.reset === null && write.entries.length === 0 && write.hardState === null;
}

/** One write with the effect of all of them, in order. */
function merge(writes: readonly CoreWrite[]): LogWrite {
  let reset: LogWrite['reset'] = null;
  let entries: Entry[] = [];
  let hardState: HardState | null = null;
  for (const write of writes) {
    if (write.reset !== null) {
      reset = write.reset;
      entries = [];
    }
    entries = replaceTail(entries, write.entries);
    hardState = write.hardState ?? hardState;
  }
  return { reset, entries, hardState };
}

/** Appends `added`, which takes the place of what stands at its first index and above. */
function replaceTail(entries: Entry[], added: readonly Entry[]): Entry[] {
  const first = added[0];
  if (first === undefined) {
    return entries;
  }
  while (entries.length > 0 && (entries[entries.length - 1]?.index ?? 0) >= first.index) {
    entries.pop();
  }
  for (const entry of added) {
    entries.push(entry);
  }
  return entries;
}
