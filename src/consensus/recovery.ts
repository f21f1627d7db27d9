import { MalformedBytesError } from '../lib/bytes.js';
import type { LogStore, StoredIdentity } from '../ports/log-store.port.js';
import { ignoreProof } from '../ports/snapshot-store.port.js';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { StateMachine } from '../ports/state-machine.port.js';
import type { DurableState, LogIndex, NodeId, SnapshotMetadata } from '../raft/index.js';
import { emptyHardState } from '../raft/index.js';
import { CorruptStateError, damagedData } from './consensus.errors.js';
import { RestoreAhead } from './restore-ahead.js';

/** Chunks of a snapshot on their way from the store at a time. */
const chunksAheadMax = 4;

export interface Stores {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
}

/** What a start finds. `isEmpty`: these data were never part of a cluster. */
export interface RecoveredNode {
  readonly identity: StoredIdentity;
  readonly durable: DurableState;
  readonly isEmpty: boolean;
}

/**
 * Reads back log, hard state and snapshot, and puts the snapshot into the state machine, at once and at the end.
 *
 * @throws StorageError or CorruptStateError when the data cannot be used; nothing was changed then.
 */
export async function recover(stores: Stores, stateMachine: StateMachine, nodeId: NodeId): Promise<RecoveredNode> {
  const ahead = new RestoreAhead(stateMachine);
  stores.snapshots.onProof = (step) => {
    ahead.note(step);
    return Promise.resolve();
  };
  try {
    return await recoverWith(stores, { stateMachine, ahead }, nodeId);
  } finally {
    stores.snapshots.onProof = ignoreProof;
  }
}

/** Where a snapshot comes into force. */
interface Target {
  readonly stateMachine: StateMachine;
  readonly ahead: RestoreAhead;
}

async function recoverWith(stores: Stores, target: Target, nodeId: NodeId): Promise<RecoveredNode> {
  const { identity, hardState, entries } = await stores.log.open(nodeId);
  const snapshot = await restoreNewest(stores.snapshots, target, entries[0]?.index ?? null);
  const lastIndex = Math.max(entries.at(-1)?.index ?? 0, snapshot?.lastIncludedIndex ?? 0);
  const durable = { hardState: hardState ?? emptyHardState, snapshot, entries };
  if (durable.hardState.commitIndex > lastIndex) {
    throw damagedData(
      `the stored commit index ${durable.hardState.commitIndex} lies after the last entry ${lastIndex}`,
    );
  }
  return { identity, durable, isEmpty: hardState === null && entries.length === 0 && snapshot === null };
}

/**
 * Puts the newest whole snapshot into the state machine, and that is the one before it where a chunk turns out to be
 * damaged.
 *
 * @param firstIndex - Of the log, null where it is empty.
 * @returns Null where there never was a snapshot: the state machine is empty then.
 */
async function restoreNewest(
  snapshots: SnapshotStore,
  { stateMachine, ahead }: Target,
  firstIndex: LogIndex | null,
): Promise<SnapshotMetadata | null> {
  let snapshot = await snapshots.latest();
  for (;;) {
    requireContiguous(snapshot, firstIndex);
    if (snapshot === null) {
      stateMachine.reset();
      return null;
    }
    try {
      if (!ahead.finish(snapshot)) {
        await restoreState(snapshots, stateMachine, snapshot);
      }
      return snapshot;
    } catch (error) {
      const other: SnapshotMetadata | null = await snapshots.latest();
      if (other?.lastIncludedIndex === snapshot.lastIncludedIndex) {
        throw error;
      }
      snapshot = other;
    }
  }
}

/** A log that begins after the snapshot's end lacks entries that may have been acknowledged. */
function requireContiguous(snapshot: SnapshotMetadata | null, firstIndex: number | null): void {
  const snapshotIndex = snapshot?.lastIncludedIndex ?? 0;
  if (firstIndex !== null && firstIndex > snapshotIndex + 1) {
    throw damagedData(`the log begins at ${firstIndex}, but the snapshot ends at ${snapshotIndex}`);
  }
}

async function restoreState(
  snapshots: SnapshotStore,
  stateMachine: StateMachine,
  metadata: SnapshotMetadata,
): Promise<void> {
  const restore = stateMachine.startRestore();
  try {
    for await (const chunk of chunksOf(snapshots, metadata)) {
      restore.add(chunk);
    }
    restore.finish();
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      const what = `the snapshot at entry ${metadata.lastIncludedIndex} cannot be restored (${error.message})`;
      throw new CorruptStateError(what, { cause: error });
    }
    throw error;
  }
}

/** The chunks in order. The store reads the next ones while the caller works on one. */
async function* chunksOf(snapshots: SnapshotStore, metadata: SnapshotMetadata): AsyncGenerator<Uint8Array, void> {
  const { lastIncludedIndex: index, chunkCount } = metadata;
  const ahead: Promise<Uint8Array | null>[] = [];
  for (let chunk = 0; chunk < chunkCount; chunk += 1) {
    for (let next = chunk + ahead.length; next < Math.min(chunkCount, chunk + chunksAheadMax); next += 1) {
      const read = snapshots.read(index, next);
      // Whoever gave up at an earlier chunk does not come to wait for this one.
      read.catch(() => undefined);
      ahead.push(read);
    }
    const data = await ahead.shift();
    if (data === undefined || data === null) {
      throw damagedData(`chunk ${chunk} of the snapshot at entry ${index} is missing`);
    }
    yield data;
  }
}
