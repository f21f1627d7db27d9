import type { LogIndex, ReadConfirmation, ReadOutcome } from '../raft/index.js';
import { NoLeaderError, OverloadedError, ReadTimeoutError, ShuttingDownError } from './consensus.errors.js';
import type { Caller } from './pending-proposals.js';

interface Reader {
  readonly caller: Caller<void>;
  readonly deadlineMs: number;
  readonly confirmation: ReadConfirmation;
}

interface ApplyWait {
  readonly reader: Reader;
  readonly readIndex: LogIndex;
}

interface RevisionWait {
  readonly caller: Caller<void>;
  readonly deadlineMs: number;
  readonly revision: number;
}

/**
 * Callers of this node that wait until they may read its state machine.
 *
 * They are asked for in groups: first for a read index, then until it is applied here. A reader whose leader was lost
 * asks again: reading twice changes nothing.
 */
export class PendingReads {
  private queued: Reader[] = [];
  private readonly asked = new Map<number, Reader[]>();
  private applyWaits: ApplyWait[] = [];
  private revisionWaits: RevisionWait[] = [];
  private lastGroup = 0;
  private askedCount = 0;

  /** @param countMax - Readers that may wait at a time. */
  constructor(
    private readonly countMax: number,
    private applied: { index: LogIndex; revision: number },
  ) {}

  /** Takes a reader in; refused at once where too many wait. */
  add(confirmation: ReadConfirmation, caller: Caller<void>, deadlineMs: number): void {
    if (this.size >= this.countMax) {
      caller.reject(new OverloadedError('too many reads wait on this node'));
      return;
    }
    this.queued.push({ caller, deadlineMs, confirmation });
  }

  /** Resolves the caller once the state machine has this revision. */
  addRevision(revision: number, caller: Caller<void>, deadlineMs: number): void {
    if (this.applied.revision >= revision) {
      caller.resolve();
    } else if (this.revisionWaits.length >= this.countMax) {
      caller.reject(new OverloadedError('too many reads wait on this node'));
    } else {
      this.revisionWaits.push({ caller, deadlineMs, revision });
    }
  }

  /** Readers that wait in any way. */
  get size(): number {
    return this.queued.length + this.askedCount + this.applyWaits.length;
  }

  /** Takes the readers that wait to be asked for, as one group; null where there are none. */
  takeGroup(confirmation: ReadConfirmation): number | null {
    const readers = this.queued.filter((reader) => reader.confirmation === confirmation);
    if (readers.length === 0) {
      return null;
    }
    this.queued =
      readers.length === this.queued.length ? [] : this.queued.filter((r) => r.confirmation !== confirmation);
    this.lastGroup += 1;
    this.asked.set(this.lastGroup, readers);
    this.askedCount += readers.length;
    return this.lastGroup;
  }

  /** The core gave a read index to groups, or lost the leader. */
  noteOutcome(outcome: ReadOutcome): void {
    for (const group of outcome.ids) {
      const readers = this.asked.get(group) ?? [];
      this.asked.delete(group);
      this.askedCount -= readers.length;
      for (const reader of readers) {
        this.proceed(reader, outcome.readIndex);
      }
    }
  }

  /** Entries were applied: who waited for them may read now. */
  noteApplied(index: LogIndex, revision: number): void {
    this.applied = { index, revision };
    if (this.applyWaits.length > 0) {
      const ready = this.applyWaits.filter((wait) => wait.readIndex <= index);
      this.applyWaits = this.applyWaits.filter((wait) => wait.readIndex > index);
      ready.forEach((wait) => {
        wait.reader.caller.resolve();
      });
    }
    if (this.revisionWaits.length > 0) {
      const ready = this.revisionWaits.filter((wait) => wait.revision <= revision);
      this.revisionWaits = this.revisionWaits.filter((wait) => wait.revision > revision);
      ready.forEach((wait) => {
        wait.caller.resolve();
      });
    }
  }

  /** Ends the waiting of callers whose time is over. */
  expire(nowMs: number): void {
    const isOverdue = (reader: { readonly deadlineMs: number }): boolean => reader.deadlineMs <= nowMs;
    const noLeader = (): NoLeaderError => new NoLeaderError('no leader confirmed the read in time');
    this.queued = rejectWhere(this.queued, isOverdue, noLeader);
    for (const [group, readers] of this.asked) {
      const left = rejectWhere(readers, isOverdue, noLeader);
      this.asked.set(group, left);
      this.askedCount -= readers.length - left.length;
    }
    this.applyWaits = rejectWaits(this.applyWaits, isOverdue);
    const late = this.revisionWaits.filter(isOverdue);
    this.revisionWaits = this.revisionWaits.filter((wait) => !isOverdue(wait));
    late.forEach((wait) => {
      wait.caller.reject(new ReadTimeoutError('this node has not applied the revision in time'));
    });
  }

  /** The node stops: nobody waits any longer. */
  close(): void {
    const callers = [
      ...this.queued.splice(0),
      ...[...this.asked.values()].flat(),
      ...this.applyWaits.splice(0).map((wait) => wait.reader),
      ...this.revisionWaits.splice(0),
    ].map((waiting) => waiting.caller);
    this.asked.clear();
    this.askedCount = 0;
    callers.forEach((caller) => {
      caller.reject(new ShuttingDownError('the node is stopping'));
    });
  }

  private proceed(reader: Reader, readIndex: LogIndex | null): void {
    if (readIndex === null) {
      this.queued.push(reader);
    } else if (readIndex <= this.applied.index) {
      reader.caller.resolve();
    } else {
      this.applyWaits.push({ reader, readIndex });
    }
  }
}

function rejectWhere(readers: Reader[], isOverdue: (reader: Reader) => boolean, error: () => NoLeaderError): Reader[] {
  readers.filter(isOverdue).forEach((reader) => {
    reader.caller.reject(error());
  });
  return readers.filter((reader) => !isOverdue(reader));
}

function rejectWaits(waits: ApplyWait[], isOverdue: (reader: Reader) => boolean): ApplyWait[] {
  waits
    .filter((wait) => isOverdue(wait.reader))
    .forEach((wait) => {
      wait.reader.caller.reject(new ReadTimeoutError('this node has not applied what the read needs in time'));
    });
  return waits.filter((wait) => !isOverdue(wait.reader));
}
