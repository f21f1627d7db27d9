import type { InstallSnapshotResponse } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import type { LogIndex, NodeId } from '../types.js';
import { noteCommitted } from './leader-log.js';
import type { Progress } from './progress.js';
import { progressOf, replicateTo } from './replicate.js';

/** A chunk that the store was asked for. `data` null: there is no such snapshot any more. */
export interface ReadChunk {
  readonly to: NodeId;
  readonly index: LogIndex;
  readonly chunk: number;
  readonly data: Uint8Array | null;
}

/** Sends a chunk on, unless the follower has moved on meanwhile. */
export function handleChunkRead(state: RaftState, read: ReadChunk): void {
  const progress = state.isLeader ? state.progress.get(read.to) : undefined;
  const transfer = progress?.snapshot ?? null;
  if (progress === undefined || transfer?.metadata.lastIncludedIndex !== read.index) {
    return;
  }
  if (read.data === null) {
    progress.becomeProbe();
    return;
  }
  if (transfer.nextChunk === read.chunk) {
    transfer.sentTick = state.now;
    state.send({
      type: 'installSnapshot',
      to: read.to,
      snapshot: transfer.metadata,
      chunk: read.chunk,
      data: read.data,
    });
  }
}

/** The follower stored a chunk, or has the whole snapshot in force. */
export function handleInstallSnapshotResponse(state: RaftState, message: InstallSnapshotResponse): void {
  const progress = progressOf(state, message.from);
  if (message.installed) {
    finish(state, message, progress);
    return;
  }
  const transfer = progress.snapshot;
  const isCurrent =
    transfer?.metadata.lastIncludedIndex === message.snapshotIndex &&
    transfer.metadata.lastIncludedTerm === message.snapshotTerm;
  if (isCurrent && message.nextChunk !== transfer.nextChunk && message.nextChunk < transfer.metadata.chunkCount) {
    transfer.nextChunk = message.nextChunk;
    askForChunk(state, message.from, progress);
  }
}

/** Asks again for chunks that got no answer for an election timeout: the follower may have restarted. */
export function resendOverdueChunks(state: RaftState): void {
  for (const [id, progress] of state.progress) {
    if (progress.snapshot !== null && state.now - progress.snapshot.sentTick >= state.config.electionTimeoutTicks) {
      askForChunk(state, id, progress);
    }
  }
}

/**
 * The lowest position that a snapshot under way needs the log to reach back to; null where none is under way.
 *
 * A follower that is silent does not count: it may never come back, and the log would fill up for its sake.
 */
export function lowestTransferIndex(state: RaftState): LogIndex | null {
  const indexes = [...state.progress.values()].flatMap((progress) =>
    progress.snapshot === null || isSilent(state, progress) ? [] : [progress.snapshot.metadata.lastIncludedIndex],
  );
  return indexes.length === 0 ? null : Math.min(...indexes);
}

function isSilent(state: RaftState, progress: Progress): boolean {
  return progress.lastHeardTick === null || state.now - progress.lastHeardTick >= state.config.electionTimeoutTicks;
}

function finish(state: RaftState, message: InstallSnapshotResponse, progress: Progress): void {
  if (message.snapshotIndex > state.log.lastIndex) {
    return;
  }
  const moved = progress.maybeAdvance(message.snapshotIndex, state.round);
  const isCurrent = progress.snapshot !== null && progress.matchIndex >= progress.snapshot.metadata.lastIncludedIndex;
  if (isCurrent) {
    progress.becomeProbe();
  }
  if (moved) {
    noteCommitted(state);
  }
  replicateTo(state, message.from);
}

function askForChunk(state: RaftState, to: NodeId, progress: Progress): void {
  const transfer = progress.snapshot;
  if (transfer === null) {
    return;
  }
  transfer.sentTick = state.now;
  const index = transfer.metadata.lastIncludedIndex;
  state.snapshotTasks.push({ kind: 'readChunk', to, index, chunk: transfer.nextChunk });
}
