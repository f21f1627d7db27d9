import type { RequestVote } from '../messages.js';
import type { RaftState } from '../raft-state.js';

/**
 * The voter's rule: one vote a term, for a candidate whose log is at least as up to date (Raft paper §5.2, §5.4.1).
 *
 * A pre-vote changes nothing at the voter (Ongaro 2014 §9.6). Who asks is not looked up in the configuration: the
 * voter's may lag (§4.1); the candidate counts the votes of those that it knows.
 */
export function handleRequestVote(state: RaftState, message: RequestVote): void {
  const granted = message.preVote ? wouldVote(state, message) : mayVote(state, message);
  if (message.preVote) {
    answerPreVote(state, message, granted);
    return;
  }
  if (granted) {
    state.votedFor = message.from;
    state.resetElectionTimer();
  }
  state.sendAfterWrite({ type: 'requestVoteResponse', to: message.from, preVote: false, granted });
}

function mayVote(state: RaftState, message: RequestVote): boolean {
  if (message.term !== state.currentTerm) {
    return false;
  }
  if (state.votedFor !== null && state.votedFor !== message.from) {
    return false;
  }
  return isUpToDate(state, message);
}

function wouldVote(state: RaftState, message: RequestVote): boolean {
  if (message.term <= state.currentTerm) {
    return false;
  }
  if (state.hearsLeader && !message.leaderTransfer) {
    return false;
  }
  return isUpToDate(state, message);
}

function isUpToDate(state: RaftState, message: RequestVote): boolean {
  return state.log.isUpToDate({ index: message.lastLogIndex, term: message.lastLogTerm });
}

/** A grant names the term that was asked about; a refusal the voter's own, which may be news to the candidate. */
function answerPreVote(state: RaftState, message: RequestVote, granted: boolean): void {
  const term = granted ? message.term : state.currentTerm;
  state.send({ type: 'requestVoteResponse', to: message.from, preVote: true, granted, term });
}
