import { assert } from '../../lib/assert.js';
import type { SnapshotMetadata } from '../snapshot-metadata.js';
import type { InstanceId, LogIndex } from '../types.js';
import { Inflights } from './inflights.js';

/**
 * How the leader sends to one follower.
 *
 * ```text
 *            accepted                  window of batches, nextIndex runs ahead
 *   probe --------------> replicate
 *     ^  <--------------     |
 *     |   refused, silent    | next entry was compacted
 *     |                      v
 *     +------------------ snapshot
 *          installed        one chunk at a time
 * ```
 *
 * `probe` sends one batch and waits: the leader does not know yet where the logs agree.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** A snapshot on its way to a follower. */
interface SnapshotTransfer {
  readonly metadata: SnapshotMetadata;
  nextChunk: number;
  /** Tick at which the chunk was last asked for; it is asked for again when no answer comes. */
  sentTick: number;
}

/** Where following a member begins: nothing is known of what it stores. */
interface ProgressStart {
  readonly instanceId: InstanceId;
  /** Last index of the leader's log. */
  readonly lastIndex: LogIndex;
  readonly tick: number;
  readonly inflightBatchesMax: number;
}

/** What the leader knows of one member (Figure 2, volatile state on leaders). */
export class Progress {
  /** Data directory of which all this is known: another one under the same id has a progress of its own. */
  readonly instanceId: InstanceId;
  state: ProgressState = 'probe';
  /** Highest index known to be durable on the member. */
  matchIndex: LogIndex = 0;
  /** Index of the next entry to send. Always above `matchIndex`. */
  nextIndex: LogIndex;
  /** In `probe`: a batch is under way. */
  probeSent = false;
  readonly inflights: Inflights;
  snapshot: SnapshotTransfer | null = null;
  /** Commit index that the member was told. */
  announcedCommit: LogIndex = 0;
  /** Heard since the last check of the quorum. */
  recentlyActive = false;
  /** Tick of the last message from it; null: none in this term. */
  lastHeardTick: number | null = null;
  /** Highest heartbeat round that it answered in this term. */
  ackedRound = 0;
  /** Tick at which the heartbeat was sent that it answered last. */
  contactTick: number | null = null;
  /** Heartbeat round that was current when `matchIndex` last moved. */
  matchRound = 0;
  /** It lost what it had acknowledged: its disk was wiped or rolled back. It counts nowhere until it is replaced. */
  isWiped = false;
  /** It said so with its last answer to a heartbeat: little storage is free there. */
  isStorageFull = false;
  /** Where the current round of catching up ends, and when it began (Ongaro 2014 §4.2.1). */
  catchUp: { readonly target: LogIndex; readonly sinceTick: number };
  /** The last finished round of catching up was shorter than an election timeout. */
  hasCaughtUp = false;

  constructor(start: ProgressStart) {
    this.instanceId = start.instanceId;
    this.nextIndex = start.lastIndex + 1;
    this.inflights = new Inflights(start.inflightBatchesMax);
    this.catchUp = { target: start.lastIndex, sinceTick: start.tick };
  }

  get isPaused(): boolean {
    switch (this.state) {
      case 'probe':
        return this.probeSent;
      case 'replicate':
        return this.inflights.isFull;
      case 'snapshot':
        return true;
    }
  }

  /** The member stores everything up to `index`. @returns Whether that is news. */
  maybeAdvance(index: LogIndex, round: number): boolean {
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    if (index <= this.matchIndex) {
      return false;
    }
    this.matchIndex = index;
    this.matchRound = round;
    this.inflights.free(index);
    return true;
  }

  /** A batch up to `lastIndex` went out. */
  noteSent(lastIndex: LogIndex): void {
    if (this.state === 'probe') {
      this.probeSent = true;
      return;
    }
    assert(this.state === 'replicate', 'entries go out while probing or replicating');
    if (lastIndex >= this.nextIndex) {
      this.nextIndex = lastIndex + 1;
      this.inflights.add(lastIndex);
    }
  }

  /**
   * The member refused the batch after `refused`; the logs agree at `possibleMatch` at best.
   *
   * @returns False for an answer to something that was settled since.
   */
  maybeStepBack(refused: LogIndex, possibleMatch: LogIndex): boolean {
    const isStale = this.state === 'replicate' ? refused <= this.matchIndex : refused !== this.nextIndex - 1;
    if (isStale || this.state === 'snapshot') {
      return false;
    }
    this.becomeProbe();
    this.nextIndex = Math.max(this.matchIndex + 1, Math.min(refused, possibleMatch + 1));
    return true;
  }

  becomeProbe(): void {
    this.state = 'probe';
    this.probeSent = false;
    this.snapshot = null;
    this.inflights.clear();
    this.nextIndex = this.matchIndex + 1;
  }

  becomeReplicate(): void {
    this.becomeProbe();
    this.state = 'replicate';
  }

  becomeSnapshot(metadata: SnapshotMetadata, tick: number): void {
    this.becomeProbe();
    this.state = 'snapshot';
    this.snapshot = { metadata, nextChunk: 0, sentTick: tick };
  }
}
