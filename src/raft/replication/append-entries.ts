import { assert } from '../../lib/assert.js';
import type { AppendEntries, Heartbeat } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import type { Entry, LogIndex, Term } from '../types.js';

/**
 * Appends what the leader sent and answers once it is durable (Raft paper §5.3, AppendEntries RPC).
 *
 * What is known already is skipped, so that an old or doubled message cannot cut the log.
 */
export function handleAppendEntries(state: RaftState, message: AppendEntries): void {
  state.heardCommitIndex = Math.max(state.heardCommitIndex, message.leaderCommit);
  if (state.receiving?.isInstalling === true) {
    return;
  }
  const { prevLogIndex, prevLogTerm, entries } = message;
  if (!agreesAt(state, { index: prevLogIndex, term: prevLogTerm })) {
    refuse(state, message);
    return;
  }
  const lastNewIndex = prevLogIndex + entries.length;
  appendNew(state, entries);
  advanceFollowerCommit(state, Math.min(message.leaderCommit, lastNewIndex));
  state.sendAfterWrite({
    type: 'appendEntriesResponse',
    to: message.from,
    success: true,
    prevLogIndex,
    matchIndex: lastNewIndex,
    hintIndex: 0,
    hintTerm: 0,
  });
}

/** Notes the commit index and confirms the leader's round; nothing here has to be durable first. */
export function handleHeartbeat(state: RaftState, message: Heartbeat): void {
  if (state.receiving?.isInstalling !== true) {
    advanceFollowerCommit(state, Math.min(message.leaderCommit, state.log.lastIndex));
  }
  if (message.round === 0) {
    return;
  }
  state.send({
    type: 'heartbeatResponse',
    storageFull: state.isStorageFull,
    to: message.from,
    round: message.round,
    durableIndex: state.log.writes.durableIndex,
  });
}

/** Committed entries are the same everywhere (Leader Completeness), so the log agrees at every index up to there. */
function agreesAt(state: RaftState, position: { readonly index: LogIndex; readonly term: Term }): boolean {
  return position.index <= state.commitIndex || state.log.matches(position);
}

function appendNew(state: RaftState, entries: readonly Entry[]): void {
  const firstNew = entries.findIndex((entry) => entry.index > state.commitIndex && !state.log.matches(entry));
  const first = firstNew === -1 ? undefined : entries[firstNew];
  if (first === undefined) {
    return;
  }
  if (first.index <= state.log.lastIndex) {
    assert(first.index > state.commitIndex, 'a committed entry is never removed');
    state.log.truncate(first.index);
  }
  for (const entry of entries.slice(firstNew)) {
    state.log.append(entry);
  }
  state.lastEntryTimeMs = state.log.entry(state.log.lastIndex)?.timeMs ?? state.lastEntryTimeMs;
}

function advanceFollowerCommit(state: RaftState, index: LogIndex): void {
  assert(index <= state.log.lastIndex, 'only entries that are here are committed here');
  state.commitIndex = Math.max(state.commitIndex, index);
}

function refuse(state: RaftState, message: AppendEntries): void {
  const hintIndex = state.log.lastPossibleMatch({ index: message.prevLogIndex, term: message.prevLogTerm });
  state.send({
    type: 'appendEntriesResponse',
    to: message.from,
    success: false,
    prevLogIndex: message.prevLogIndex,
    matchIndex: 0,
    hintIndex,
    hintTerm: state.log.termAt(hintIndex) ?? 0,
  });
}
