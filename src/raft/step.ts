import { handleRequestVote } from './election/vote.js';
import type { Message } from './messages.js';
import type { RaftState } from './raft-state.js';
import { handleReadIndexRequest, handleReadIndexResponse } from './read/serve-reads.js';
import { handleProgressRequest, handleProgressResponse } from './replication/member-progress.js';
import { handleChangeMembership, handlePropose, handleProposeResponse } from './replication/propose.js';
import { stepCandidate } from './roles/candidate.js';
import { isFromLeader, stepFollower } from './roles/follower.js';
import { stepLeader } from './roles/leader.js';
import { becomeFollower } from './roles/transitions.js';

/** Takes one message: first what its term says (Raft paper §5.1), then what it asks. */
export function step(state: RaftState, message: Message): void {
  if (message.to !== state.config.nodeId || message.from === state.config.nodeId) {
    return;
  }
  if (isUnwantedCampaign(state, message)) {
    return;
  }
  if (message.term > state.currentTerm && !namesFutureTerm(message)) {
    const leaderId = isFromLeader(message) ? message.from : null;
    const reason = leaderId === null ? 'termRaised' : 'leaderHeard';
    becomeFollower(state, { term: message.term, leaderId, reason });
  }
  if (stepInAnyTerm(state, message)) {
    return;
  }
  if (message.term < state.currentTerm) {
    informOldLeader(state, message);
    return;
  }
  stepByRole(state, message);
}

/**
 * A real request for a vote is not even looked at while a leader is heard, so that a node that was removed or cut
 * off cannot depose it with a higher term (Ongaro 2014 §4.2.3).
 */
function isUnwantedCampaign(state: RaftState, message: Message): boolean {
  const isCampaign = message.type === 'requestVote' && !message.preVote && !message.leaderTransfer;
  return isCampaign && message.term > state.currentTerm && state.hearsLeader;
}

/** A pre-vote and its grant carry the term that would be campaigned for: nobody is in it yet (§9.6). */
function namesFutureTerm(message: Message): boolean {
  switch (message.type) {
    case 'requestVote':
      return message.preVote;
    case 'requestVoteResponse':
      return message.preVote && message.granted;
    default:
      return false;
  }
}

/** What is answered, or speaks for itself, whatever its term. @returns False for all other messages. */
function stepInAnyTerm(state: RaftState, message: Message): boolean {
  switch (message.type) {
    case 'requestVote':
      handleRequestVote(state, message);
      return true;
    case 'propose':
      handlePropose(state, message);
      return true;
    case 'proposeResponse':
      handleProposeResponse(state, message);
      return true;
    case 'changeMembership':
      handleChangeMembership(state, message);
      return true;
    case 'readIndexRequest':
      handleReadIndexRequest(state, message);
      return true;
    case 'readIndexResponse':
      handleReadIndexResponse(state, message);
      return true;
    case 'progressRequest':
      handleProgressRequest(state, message);
      return true;
    case 'progressResponse':
      handleProgressResponse(state, message);
      return true;
    default:
      return false;
  }
}

/** A leader of an earlier term learns from the refusal that its time is over. */
function informOldLeader(state: RaftState, message: Message): void {
  if (!isFromLeader(message)) {
    return;
  }
  state.send({
    type: 'appendEntriesResponse',
    to: message.from,
    success: false,
    prevLogIndex: 0,
    matchIndex: 0,
    hintIndex: 0,
    hintTerm: 0,
  });
}

function stepByRole(state: RaftState, message: Message): void {
  switch (state.role) {
    case 'follower':
      stepFollower(state, message);
      return;
    case 'preCandidate':
    case 'candidate':
      stepCandidate(state, message);
      return;
    case 'leader':
      stepLeader(state, message);
  }
}
