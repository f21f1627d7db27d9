import { voteResult } from '../membership/majority-quorum.js';
import type { RequestVoteResponse } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { becomeCandidate, becomeLeader, becomePreCandidate, forgetLeader, stepDown } from '../roles/transitions.js';

/** Starts an election, or asks first whether it can be won; not every node may, nor one whose own vote cannot be stored. */
export function campaign(state: RaftState): void {
  if (!state.mayCampaign || state.isStorageStalled || state.receiving?.isInstalling === true) {
    forgetLeader(state);
    state.resetElectionTimer();
    return;
  }
  if (!state.config.preVote) {
    startElection(state, false);
    return;
  }
  becomePreCandidate(state);
  state.votes.set(state.config.nodeId, true);
  requestVotes(state, { preVote: true, leaderTransfer: false });
  decide(state);
}

/**
 * Raises the term and asks for votes.
 *
 * The requests leave once term, own vote and log are durable: a candidate that forgot them could count answers to a
 * campaign with another log.
 *
 * @param leaderTransfer - The leader asked for it: voters answer although they hear a leader.
 */
export function startElection(state: RaftState, leaderTransfer: boolean): void {
  becomeCandidate(state, leaderTransfer ? 'leaderAsked' : 'leaderMissed');
  requestVotes(state, { preVote: false, leaderTransfer });
}

/** Counts the own vote once it is durable. */
export function countOwnVote(state: RaftState): void {
  state.ownVoteWrite = null;
  state.votes.set(state.config.nodeId, true);
  decide(state);
}

/** Counts one answer of a voter that the configuration knows; each voter counts once. */
export function handleRequestVoteResponse(state: RaftState, message: RequestVoteResponse): void {
  const isAnswer = message.preVote === (state.role === 'preCandidate');
  const askedTerm = message.preVote ? state.currentTerm + 1 : state.currentTerm;
  if (!isAnswer || (message.granted && message.term !== askedTerm)) {
    return;
  }
  if (!state.configuration.knows(message.from, message.fromInstance) || state.votes.has(message.from)) {
    return;
  }
  state.votes.set(message.from, message.granted);
  decide(state);
}

function decide(state: RaftState): void {
  switch (voteResult(state.configuration.voterIds, state.votes)) {
    case 'pending':
      return;
    case 'lost':
      stepDown(state, 'notElected');
      return;
    case 'won':
      if (state.role === 'preCandidate') {
        startElection(state, false);
      } else {
        becomeLeader(state);
      }
  }
}

function requestVotes(
  state: RaftState,
  campaignKind: { readonly preVote: boolean; readonly leaderTransfer: boolean },
): void {
  const { lastIndex: lastLogIndex, lastTerm: lastLogTerm } = state.log;
  const term = campaignKind.preVote ? state.currentTerm + 1 : state.currentTerm;
  for (const to of state.configuration.voterIds.filter((id) => id !== state.config.nodeId)) {
    const request = { type: 'requestVote' as const, to, term, lastLogIndex, lastLogTerm, ...campaignKind };
    if (campaignKind.preVote) {
      state.send(request);
    } else {
      state.sendAfterWrite(request);
    }
  }
}
