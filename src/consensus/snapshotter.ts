import { assert } from '../lib/assert.js';
import type { StateMachine } from '../ports/state-machine.port.js';
import type { LogIndex, RaftCore } from '../raft/index.js';
import type { Applier } from './applier.js';
import type { LoopEffects } from './loop-effects.js';

export interface SnapshotLimits {
  /** Applied entries after the last snapshot that make the next one due, of a state that is not much larger. */
  readonly entries: number;
  /** Their bytes that make it due, likewise. */
  readonly bytes: number;
  /** The part of the records of a larger state, or of its bytes, that takes the place of the two. */
  readonly statePart: number;
  /** Entries before a snapshot that stay in the log, for followers that lag a little. */
  readonly keepEntries: number;
  /** Bytes of the log in memory; half of it makes a snapshot due. */
  readonly logBytesMax: number;
}

/** A snapshot that found no space is tried again after this many election timeouts, doubled each time up to the second. */
const retryTimeouts = { first: 10, longest: 160 };

/** While the storage is full a snapshot is due after this many election timeouts if anything was applied. */
const fullStorageTimeouts = 30;

/** Decides when the state is written as a snapshot and how far the log is forgotten then. One at a time. */
export class Snapshotter {
  private isTaking = false;
  /** When the last one ended. */
  private endTick = 0;
  /** Election timeouts to wait after a failure; 0: the last one went well. */
  private waitTimeouts = 0;

  constructor(
    private readonly core: RaftCore,
    private readonly applier: Applier,
    private readonly around: {
      readonly stateMachine: StateMachine;
      readonly effects: LoopEffects;
      readonly limits: SnapshotLimits;
    },
  ) {}

  /** Starts a snapshot where one is due; the state as of now is kept aside for it in no time. */
  maybeStart(): void {
    if (this.isTaking) {
      return;
    }
    if (this.isCrowded) {
      this.compact();
    }
    if (!this.isPast(this.waitTimeouts) || !this.isDue()) {
      return;
    }
    const { log } = this.core.state;
    const index = this.applier.lastApplied;
    const entry = log.entry(index);
    assert(entry !== undefined, 'the last applied entry is in the log');
    this.isTaking = true;
    this.applier.noteSnapshotStarted();
    this.around.effects.takeSnapshot({
      position: {
        lastIncludedIndex: index,
        lastIncludedTerm: entry.term,
        lastIncludedTimeMs: entry.timeMs,
        configuration: log.configurationAsOf(index),
      },
      pieces: this.around.stateMachine.snapshot(),
    });
  }

  /** The snapshot is durable: forgets what the log need not hold any more. */
  noteTaken(): void {
    this.noteEnd(0);
    this.compact();
  }

  /** There was no space for the snapshot. */
  noteFailed(): void {
    this.applier.noteSnapshotFailed();
    this.noteEnd(Math.min(retryTimeouts.longest, Math.max(retryTimeouts.first, 2 * this.waitTimeouts)));
  }

  /** There is room again: a snapshot that found none is tried at once. */
  noteRoom(): void {
    this.waitTimeouts = 0;
  }

  private noteEnd(waitTimeouts: number): void {
    this.isTaking = false;
    this.endTick = this.core.state.now;
    this.waitTimeouts = waitTimeouts;
  }

  /** Whether so many election timeouts have passed since the last snapshot ended. */
  private isPast(timeouts: number): boolean {
    const { now, config } = this.core.state;
    return now - this.endTick >= timeouts * config.electionTimeoutTicks;
  }

  /** May free less than it should while a follower receives a snapshot: a crowded log is looked at again and again. */
  private compact(): void {
    const { log, isStorageFull } = this.core.state;
    const target: LogIndex =
      this.isCrowded || isStorageFull ? log.snapshotIndex : log.snapshotIndex - this.around.limits.keepEntries;
    const compacted = this.core.compact(target);
    if (compacted !== null) {
      this.around.effects.compactLog(compacted);
    }
  }

  private isDue(): boolean {
    const { log } = this.core.state;
    const { entries, bytes, statePart } = this.around.limits;
    const unsnapshotted = this.applier.lastApplied - log.snapshotIndex;
    if (unsnapshotted <= 0 || this.applier.lastApplied !== this.core.state.lastApplied) {
      return false;
    }
    const size = this.around.stateMachine.size();
    const isGrown =
      unsnapshotted >= Math.max(entries, size.records * statePart) ||
      this.applier.unsnapshottedBytes >= Math.max(bytes, size.bytes * statePart);
    return isGrown || this.isCrowded || (this.core.state.isStorageFull && this.isPast(fullStorageTimeouts));
  }

  /** Half of the memory for the log is taken: at all of it proposals are refused. */
  private get isCrowded(): boolean {
    return this.core.state.log.bytes > this.around.limits.logBytesMax / 2;
  }
}
