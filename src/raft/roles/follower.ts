import { handleCompareState, handleStateDiverged } from '../comparison/compare-state.js';
import { campaign } from '../election/campaign.js';
import { handleTimeoutNow } from '../election/leader-transfer.js';
import type { AppendEntries, Heartbeat, InstallSnapshot, Message } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { abandonForwardedReads } from '../read/serve-reads.js';
import { handleAppendEntries, handleHeartbeat } from '../replication/append-entries.js';
import { handleInstallSnapshot } from '../replication/install-snapshot.js';
import { becomeFollower } from './transitions.js';

/** What only a leader sends, to followers of its term. */
export type LeaderMessage = AppendEntries | Heartbeat | InstallSnapshot;

export function isFromLeader(message: Message): message is LeaderMessage {
  return message.type === 'appendEntries' || message.type === 'heartbeat' || message.type === 'installSnapshot';
}

/** The election timer ran out: tries to lead (Raft paper §5.2). */
export function tickFollower(state: RaftState): void {
  if (state.now - state.electionTimerTick >= state.electionDeadlineTicks) {
    campaign(state);
  }
}

/** Messages of the own term as a follower or learner. */
export function stepFollower(state: RaftState, message: Message): void {
  if (isFromLeader(message)) {
    follow(state, message);
  } else if (message.type === 'timeoutNow') {
    handleTimeoutNow(state, message);
  } else if (message.type === 'compareState') {
    handleCompareState(state, message);
  } else if (message.type === 'stateDiverged') {
    handleStateDiverged(state, message);
  }
}

/** A message of the term's leader: whoever sends it leads, and who campaigned in this term lost. */
export function follow(state: RaftState, message: LeaderMessage): void {
  if (state.role !== 'follower') {
    becomeFollower(state, { term: state.currentTerm, leaderId: message.from, reason: 'leaderHeard' });
  }
  if (state.leaderId !== message.from) {
    abandonForwardedReads(state);
    state.leaderId = message.from;
  }
  state.electionTimerTick = state.now;
  state.leaderHeardTick = state.now;
  switch (message.type) {
    case 'appendEntries':
      handleAppendEntries(state, message);
      return;
    case 'heartbeat':
      handleHeartbeat(state, message);
      return;
    case 'installSnapshot':
      handleInstallSnapshot(state, message);
  }
}
