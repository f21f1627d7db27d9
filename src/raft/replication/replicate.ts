import { assert } from '../../lib/assert.js';
import type { RaftState } from '../raft-state.js';
import type { Entry, InstanceId, LogIndex, NodeId } from '../types.js';
import { Progress } from './progress.js';

/** Sends every follower what its window has room for, and tells it an advance of the commit index. */
export function replicateToAll(state: RaftState): void {
  for (const id of state.otherMembers) {
    replicateTo(state, id);
  }
}

/** Asks a follower where its log ends, or sends the next batches, or moves it to a snapshot. */
export function replicateTo(state: RaftState, id: NodeId): void {
  const progress = progressOf(state, id);
  while (!progress.isPaused && (progress.state === 'probe' || progress.nextIndex <= state.log.lastIndex)) {
    if (!sendAppend(state, id, progress)) {
      return;
    }
  }
  announceCommit(state, id, progress);
}

/** Sends the follower an AppendEntries without entries: it answers where its log ends if one before was lost. */
export function sendProbe(state: RaftState, id: NodeId): void {
  const progress = progressOf(state, id);
  const prevLogIndex = progress.nextIndex - 1;
  const prevLogTerm = state.log.termAt(prevLogIndex);
  if (prevLogTerm !== undefined && progress.state === 'replicate') {
    sendEntries(state, id, { prevLogIndex, prevLogTerm, entries: [] });
  }
}

/**
 * Starts a new heartbeat round: every member hears it and its answer confirms the reads that wait (§6.4).
 *
 * The number is never used again, so that an old answer confirms nothing new.
 */
export function broadcastHeartbeat(state: RaftState): void {
  state.round += 1;
  state.heartbeatTick = state.now;
  noteRound(state);
  for (const id of state.otherMembers) {
    sendHeartbeat(state, id, state.round);
  }
}

export function progressOf(state: RaftState, id: NodeId): Progress {
  const progress = state.progress.get(id);
  assert(progress !== undefined, `the leader keeps the progress of ${id}`);
  return progress;
}

/** The highest heartbeat round that it answered in this term; 0 of a stranger, and of one that lost what it had stored. */
export function ackedRoundOf(state: RaftState, id: NodeId): number {
  const progress = state.progress.get(id);
  return progress === undefined || progress.isWiped ? 0 : progress.ackedRound;
}

/** Makes the followed members those of the configuration in use; a new instance of a member starts with nothing. */
export function syncProgress(state: RaftState): void {
  const others = state.configuration.members.filter((member) => member.id !== state.config.nodeId);
  const otherIds = new Set(others.map((member) => member.id));
  for (const id of [...state.progress.keys()].filter((known) => !otherIds.has(known))) {
    state.progress.delete(id);
  }
  for (const { id, instanceId } of others) {
    if (state.progress.get(id)?.instanceId !== instanceId) {
      state.progress.set(id, newProgress(state, instanceId));
    }
  }
}

function newProgress(state: RaftState, instanceId: InstanceId): Progress {
  return new Progress({
    instanceId,
    lastIndex: state.log.lastIndex,
    tick: state.now,
    inflightBatchesMax: state.config.inflightBatchesMax,
  });
}

/** @returns False when nothing could be sent: the entries before were compacted. */
function sendAppend(state: RaftState, id: NodeId, progress: Progress): boolean {
  const prevLogIndex = progress.nextIndex - 1;
  const prevLogTerm = state.log.termAt(prevLogIndex);
  if (prevLogTerm === undefined) {
    startSnapshot(state, id, progress);
    return false;
  }
  const entries =
    progress.nextIndex > state.log.lastIndex
      ? []
      : state.log.slice(progress.nextIndex, { last: state.log.lastIndex, bytesMax: state.config.appendBytesMax });
  sendEntries(state, id, { prevLogIndex, prevLogTerm, entries });
  progress.noteSent(prevLogIndex + entries.length);
  progress.announcedCommit = Math.max(
    progress.announcedCommit,
    Math.min(state.commitIndex, prevLogIndex + entries.length),
  );
  return true;
}

function sendEntries(
  state: RaftState,
  to: NodeId,
  batch: { readonly prevLogIndex: LogIndex; readonly prevLogTerm: number; readonly entries: readonly Entry[] },
): void {
  state.send({ type: 'appendEntries', to, ...batch, leaderCommit: state.commitIndex });
}

/** A follower that heard of no later commit learns of this one now, not with the next heartbeat. */
function announceCommit(state: RaftState, id: NodeId, progress: Progress): void {
  const commitIndex = Math.min(state.commitIndex, progress.matchIndex);
  if (progress.state === 'replicate' && commitIndex > progress.announcedCommit) {
    progress.announcedCommit = commitIndex;
    sendHeartbeat(state, id, 0);
  }
}

/** @param round - 0: only an announcement, nobody answers it. */
function sendHeartbeat(state: RaftState, to: NodeId, round: number): void {
  const leaderCommit = Math.min(state.commitIndex, progressOf(state, to).matchIndex);
  state.send({ type: 'heartbeat', to, leaderCommit, round });
}

function startSnapshot(state: RaftState, id: NodeId, progress: Progress): void {
  const metadata = state.log.snapshot;
  assert(metadata !== null, 'only entries below a snapshot are compacted');
  progress.becomeSnapshot(metadata, state.now);
  state.snapshotTasks.push({ kind: 'readChunk', to: id, index: metadata.lastIncludedIndex, chunk: 0 });
}

/** Remembers when the round was sent, as long as an answer can still prove a recent contact. */
function noteRound(state: RaftState): void {
  state.roundTicks.set(state.round, state.now);
  for (const [round, tick] of state.roundTicks) {
    if (state.now - tick <= state.config.electionTimeoutTicks) {
      return;
    }
    state.roundTicks.delete(round);
  }
}
