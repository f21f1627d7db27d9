import { MalformedBytesError } from '../lib/bytes.js';
import type { LogStore, StoredIdentity } from '../ports/log-store.port.js';
import type { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { StateMachine } from '../ports/state-machine.port.js';
import type { DurableState, NodeId, SnapshotMetadata } from '../raft/index.js';
import { emptyHardState } from '../raft/index.js';
import { CorruptStateError } from './consensus.errors.js';

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
  const { identity, hardState, entries } = await stores.log.open(nodeId);
  const snapshot = await stores.snapshots.latest();
  requireContiguous(snapshot, entries[0]?.index ?? null);
  const lastIndex = Math.max(entries.at(-1)?.index ?? 0, snapshot?.lastIncludedIndex ?? 0);
  const durable = { hardState: hardState ?? emptyHardState, snapshot, entries };
  if (durable.hardState.commitIndex > lastIndex) {
    throw new CorruptStateError(
      `the stored commit index ${durable.hardState.commitIndex} lies after the last entry ${lastIndex}`,
    );
  }
  if (snapshot === null) {
    stateMachine.reset();
  } else {
    await restoreState(stores.snapshots, stateMachine, snapshot);
  }
  return { identity, durable, isEmpty: hardState === null && entries.length === 0 && snapshot === null };
}

/** A log that begins after the snapshot's end lacks entries that may have been acknowledged. */
function requireContiguous(snapshot: SnapshotMetadata | null, firstIndex: number | null): void {
  const snapshotIndex = snapshot?.lastIncludedIndex ?? 0;
  if (firstIndex !== null && firstIndex > snapshotIndex + 1) {
    throw new CorruptStateError(`the log begins at ${firstIndex}, but the snapshot ends at ${snapshotIndex}`);
  }
}

async function restoreState(
  snapshots: SnapshotStore,
  stateMachine: StateMachine,
  metadata: SnapshotMetadata,
): Promise<void> {
  const restore = stateMachine.startRestore();
  try {
    for (let chunk = 0; chunk < metadata.chunkCount; chunk += 1) {
      restore.add(await readChunk(snapshots, metadata, chunk));
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

async function readChunk(
  snapshots: SnapshotStore,
  { lastIncludedIndex }: SnapshotMetadata,
  chunk: number,
): Promise<Uint8Array> {
  const data = await snapshots.read(lastIncludedIndex, chunk);
  if (data === null) {
    throw new CorruptStateError(`chunk ${chunk} of the snapshot at entry ${lastIncludedIndex} is missing`);
  }
  return data;
}
