import { majorityValue } from '../membership/majority-quorum.js';
import type { AppendEntriesResponse, HeartbeatResponse } from '../messages.js';
import { answerLeaderReads } from '../read/serve-reads.js';
import type { RaftState } from '../raft-state.js';
import type { NodeId } from '../types.js';
import { noteCommitted } from './leader-log.js';
import type { Progress } from './progress.js';
import { ackedRoundOf, progressOf, replicateTo, sendProbe } from './replicate.js';

/** Moves the follower's progress and, with it, the commit index (Figure 2, rules for leaders). */
export function handleAppendEntriesResponse(state: RaftState, message: AppendEntriesResponse): void {
  const progress = progressOf(state, message.from);
  if (!message.success) {
    stepBack(state, message, progress);
    return;
  }
  const moved = progress.maybeAdvance(Math.min(message.matchIndex, state.log.lastIndex), state.round);
  if (progress.state === 'probe') {
    progress.becomeReplicate();
  } else if (progress.state === 'snapshot' && reachedSnapshot(progress)) {
    progress.becomeReplicate();
  }
  if (moved) {
    noteCommitted(state);
  }
  replicateTo(state, message.from);
}

/** Confirms waiting reads, and finds out when a batch was lost on the way. */
export function handleHeartbeatResponse(state: RaftState, message: HeartbeatResponse): void {
  const progress = progressOf(state, message.from);
  progress.isStorageFull = message.storageFull;
  if (message.round > progress.matchRound && message.durableIndex < progress.matchIndex) {
    progress.isWiped = true;
    return;
  }
  progress.ackedRound = Math.max(progress.ackedRound, message.round);
  progress.contactTick = Math.max(progress.contactTick ?? -1, state.roundTicks.get(message.round) ?? -1);
  resume(state, message.from, progress);
  answerLeaderReads(state, confirmedRound(state));
}

/** The highest round that a quorum of this leader's voters has answered in this term, the leader included. */
export function confirmedRound(state: RaftState): number {
  return majorityValue(state.configuration.voterIds, (id) =>
    id === state.config.nodeId ? state.round : ackedRoundOf(state, id),
  );
}

function stepBack(state: RaftState, message: AppendEntriesResponse, progress: Progress): void {
  const possibleMatch = state.log.lastPossibleMatch({ index: message.hintIndex, term: message.hintTerm });
  if (progress.maybeStepBack(message.prevLogIndex, possibleMatch)) {
    replicateTo(state, message.from);
  }
}

/** The follower is there: what a lost message holds up goes on. */
function resume(state: RaftState, id: NodeId, progress: Progress): void {
  progress.probeSent = false;
  if (progress.state === 'replicate' && progress.inflights.isFull) {
    progress.inflights.freeFirst();
  }
  if (progress.state === 'replicate' && progress.matchIndex < state.log.lastIndex) {
    sendProbe(state, id);
  }
  if (progress.state === 'probe' || progress.matchIndex < state.log.lastIndex) {
    replicateTo(state, id);
  }
}

function reachedSnapshot(progress: Progress): boolean {
  return progress.snapshot !== null && progress.matchIndex >= progress.snapshot.metadata.lastIncludedIndex;
}
