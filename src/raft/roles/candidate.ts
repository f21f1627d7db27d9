import { campaign, handleRequestVoteResponse } from '../election/campaign.js';
import type { Message } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { follow, isFromLeader } from './follower.js';

/** Nobody won in time: tries again (Raft paper §5.2). */
export function tickCandidate(state: RaftState): void {
  if (state.now - state.electionTimerTick >= state.electionDeadlineTicks) {
    campaign(state);
  }
}

/** Messages of the own term as a candidate, or as one that asks first. */
export function stepCandidate(state: RaftState, message: Message): void {
  if (message.type === 'requestVoteResponse') {
    handleRequestVoteResponse(state, message);
  } else if (isFromLeader(message)) {
    follow(state, message);
  }
}
