import { assert } from '../lib/assert.js';
import type { LogWrite } from '../ports/log-store.port.js';
import type {
  Divergence,
  LogIndex,
  Message,
  NodeId,
  SnapshotMetadata,
  SnapshotTask,
  StatusChange,
} from '../raft/index.js';

/** A snapshot that is about to be taken: its place in the log and the state as of there. */
export interface SnapshotPlan {
  readonly position: Omit<SnapshotMetadata, 'chunkCount' | 'byteCount'>;
  /** Made while it is read; shows the state as of `position`, whatever is applied meanwhile. */
  readonly pieces: Iterable<Uint8Array>;
}

/**
 * What the loop sets in motion outside itself.
 *
 * No method blocks, throws or calls back before it returns; what has an end comes back as a `RaftInput`.
 */
export abstract class LoopEffects {
  /** Ends with `persisted`. Called again only after that. */
  abstract writeLog(write: LogWrite): void;

  /** May drop the message. */
  abstract send(message: Message): void;

  /** Frees entries of the stored log up to `index`. */
  abstract compactLog(index: LogIndex): void;

  /** Done in order. Ends with `chunkRead`, `chunkStored`, `snapshotReceived` or `snapshotRejected`. */
  abstract runSnapshotTask(task: SnapshotTask): void;

  /** Ends with `snapshotTaken` or `snapshotFailed`; one at a time. */
  abstract takeSnapshot(plan: SnapshotPlan): void;

  /** Does `work`, which applies that many entries; may time it. */
  timeApply(entries: number, work: () => void): void {
    assert(entries > 0, 'there is something to apply');
    work();
  }

  /** Submits `applied` a little later, so that whatever else waits has its turn. */
  abstract applyMoreSoon(index: LogIndex): void;

  /** Role, term, leader or configuration changed. */
  abstract noteStatus(change: StatusChange): void;

  /** Members were found to have unequal states: an operator must know. */
  abstract raiseAlarm(divergence: Divergence): void;

  /** These members are equal to the others again, or no longer members on the data that they had. */
  abstract endAlarm(members: readonly NodeId[]): void;
}
