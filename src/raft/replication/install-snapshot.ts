import { assert } from '../../lib/assert.js';
import type { InstallSnapshot } from '../messages.js';
import type { RaftState, ReceivingSnapshot } from '../raft-state.js';
import type { SnapshotMetadata } from '../snapshot-metadata.js';
import type { LogIndex, NodeId, Term } from '../types.js';

/**
 * Takes a snapshot from the leader, chunk by chunk (Raft paper §7, InstallSnapshot RPC).
 *
 * A snapshot that ends at or below the commit index brings nothing: the log agrees up to there.
 */
export function handleInstallSnapshot(state: RaftState, message: InstallSnapshot): void {
  const { snapshot, from } = message;
  state.heardCommitIndex = Math.max(state.heardCommitIndex, snapshot.lastIncludedIndex);
  if (state.receiving?.isInstalling === true) {
    return;
  }
  if (snapshot.lastIncludedIndex <= state.commitIndex) {
    state.receiving = null;
    answerInstalled(state, from, snapshot);
    return;
  }
  const receiving = continueOrStart(state, message);
  if (receiving?.nextChunk !== message.chunk) {
    answerNext(state, from, { snapshot, nextChunk: receiving?.nextChunk ?? 0 });
    return;
  }
  if (!receiving.isStoring) {
    receiving.isStoring = true;
    state.snapshotTasks.push({ kind: 'storeChunk', metadata: snapshot, chunk: message.chunk, data: message.data });
  }
}

/**
 * A received chunk is in the draft: asks for the next one, or puts the snapshot in force after the last.
 *
 * Who began to campaign meanwhile gives the snapshot up: it may win, and a leader's log must not move under it.
 */
export function handleChunkStored(
  state: RaftState,
  stored: { readonly index: LogIndex; readonly term: Term; readonly chunk: number },
): void {
  const receiving = state.receiving;
  const isCurrent =
    receiving?.metadata.lastIncludedIndex === stored.index &&
    receiving.metadata.lastIncludedTerm === stored.term &&
    receiving.isStoring &&
    receiving.nextChunk === stored.chunk;
  if (!isCurrent) {
    return;
  }
  if (state.role !== 'follower') {
    state.receiving = null;
    return;
  }
  receiving.isStoring = false;
  receiving.nextChunk += 1;
  if (receiving.nextChunk < receiving.metadata.chunkCount) {
    answerNext(state, receiving.from, { snapshot: receiving.metadata, nextChunk: receiving.nextChunk });
    return;
  }
  if (receiving.metadata.lastIncludedIndex <= state.commitIndex) {
    state.receiving = null;
    return;
  }
  receiving.isInstalling = true;
  state.snapshotTasks.push({ kind: 'install', metadata: receiving.metadata });
}

/** The snapshot is durable and the state machine was restored from it. */
export function handleSnapshotInstalled(state: RaftState, metadata: SnapshotMetadata): void {
  const receiving = state.receiving;
  assert(receiving?.isInstalling === true, 'a snapshot is installed once');
  assert(metadata.lastIncludedIndex > state.commitIndex, 'installing moves the commit index forward');
  state.receiving = null;
  state.log.installSnapshot(metadata);
  state.commitIndex = metadata.lastIncludedIndex;
  state.lastApplied = metadata.lastIncludedIndex;
  state.applyingIndex = metadata.lastIncludedIndex;
  state.lastEntryTimeMs = state.log.entry(state.log.lastIndex)?.timeMs ?? metadata.lastIncludedTimeMs;
  answerInstalled(state, receiving.from, metadata);
}

/** What was received is not a snapshot: begins again when the leader sends its first chunk. */
export function handleSnapshotRejected(state: RaftState): void {
  state.receiving = null;
}

/** @returns Null where the message continues something else than what is being received. */
function continueOrStart(state: RaftState, message: InstallSnapshot): ReceivingSnapshot | null {
  const { receiving } = state;
  const isSame =
    receiving?.from === message.from &&
    receiving.term === message.term &&
    receiving.metadata.lastIncludedIndex === message.snapshot.lastIncludedIndex &&
    receiving.metadata.lastIncludedTerm === message.snapshot.lastIncludedTerm;
  if (isSame) {
    return receiving;
  }
  if (receiving?.isStoring === true || message.chunk !== 0) {
    return null;
  }
  const { from, term, snapshot } = message;
  state.receiving = { from, term, metadata: snapshot, nextChunk: 0, isStoring: false, isInstalling: false };
  return state.receiving;
}

function answerNext(
  state: RaftState,
  to: NodeId,
  wanted: { readonly snapshot: SnapshotMetadata; readonly nextChunk: number },
): void {
  state.send({
    type: 'installSnapshotResponse',
    to,
    snapshotIndex: wanted.snapshot.lastIncludedIndex,
    snapshotTerm: wanted.snapshot.lastIncludedTerm,
    nextChunk: wanted.nextChunk,
    installed: false,
  });
}

function answerInstalled(state: RaftState, to: NodeId, snapshot: SnapshotMetadata): void {
  state.sendAfterWrite({
    type: 'installSnapshotResponse',
    to,
    snapshotIndex: snapshot.lastIncludedIndex,
    snapshotTerm: snapshot.lastIncludedTerm,
    nextChunk: snapshot.chunkCount,
    installed: true,
  });
}
