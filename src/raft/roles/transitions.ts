import { assert } from '../../lib/assert.js';
import type { RaftState } from '../raft-state.js';
import { abandonForwardedReads, abandonLeaderReads } from '../read/serve-reads.js';
import { appendNoop, noteCommitted } from '../replication/leader-log.js';
import { broadcastHeartbeat, syncProgress } from '../replication/replicate.js';
import type { NodeId, RoleReason, Term } from '../types.js';

/** Follows `leaderId`, null where nobody is known to lead; a higher term forgets the vote (Raft paper §5.1). */
export function becomeFollower(
  state: RaftState,
  { term, leaderId, reason }: { readonly term: Term; readonly leaderId: NodeId | null; readonly reason: RoleReason },
): void {
  assert(term >= state.currentTerm, 'the term never goes back');
  leaveRole(state);
  if (term > state.currentTerm) {
    state.currentTerm = term;
    state.votedFor = null;
  }
  state.role = 'follower';
  state.roleReason = reason;
  state.leaderId = leaderId;
  state.resetElectionTimer();
}

/** Asks first whether an election can be won: the term stays (Ongaro 2014 §9.6). */
export function becomePreCandidate(state: RaftState): void {
  assert(!state.isLeader, 'a leader does not campaign');
  leaveRole(state);
  state.role = 'preCandidate';
  state.roleReason = 'leaderMissed';
  state.leaderId = null;
  state.resetElectionTimer();
}

/** Begins a term of its own and votes for itself; the vote counts once it is durable. */
export function becomeCandidate(state: RaftState, reason: RoleReason): void {
  assert(!state.isLeader, 'a leader does not campaign');
  leaveRole(state);
  state.role = 'candidate';
  state.roleReason = reason;
  state.leaderId = null;
  state.currentTerm += 1;
  state.votedFor = state.config.nodeId;
  state.resetElectionTimer();
}

/** Leads the term: opens it with an entry of its own and tells everybody (Figure 2, rules for leaders). */
export function becomeLeader(state: RaftState): void {
  assert(state.role === 'candidate', 'only a candidate is elected');
  state.votes.clear();
  state.role = 'leader';
  state.leaderId = state.config.nodeId;
  state.progress.clear();
  state.roundTicks.clear();
  state.quorumCheckTick = state.now;
  state.leaderClock = { tick: state.now, timeMs: state.lastEntryTimeMs };
  state.forwardLedger.open(state.currentTerm);
  syncProgress(state);
  appendNoop(state);
  noteCommitted(state);
  broadcastHeartbeat(state);
}

/** Follows nobody in the same term. */
export function stepDown(state: RaftState, reason: RoleReason): void {
  becomeFollower(state, { term: state.currentTerm, leaderId: null, reason });
}

/** Nobody was heard for an election timeout, and this node holds no election: it waits like any other. */
export function forgetLeader(state: RaftState): void {
  state.leaderId = null;
  abandonForwardedReads(state);
}

function leaveRole(state: RaftState): void {
  if (state.isLeader) {
    abandonLeaderReads(state);
    state.progress.clear();
    state.transfer = null;
  }
  abandonForwardedReads(state);
  state.votes.clear();
  state.ownVoteWrite = null;
}
