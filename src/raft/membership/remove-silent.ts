import type { RaftState } from '../raft-state.js';
import type { InstanceId, NodeId, Term } from '../types.js';
import { changeMembership } from './change-membership.js';

/** A member on the data directory that was admitted, and the leader that does not hear it. */
export interface SilentMember {
  readonly id: NodeId;
  readonly instanceId: InstanceId;
  readonly term: Term;
}

/**
 * The leader of that term removes a member that it does not hear, by the rules of any removal.
 *
 * Whoever leads now has heard for itself: nothing is passed on, and nothing waits. What is refused may be tried again.
 */
export function removeSilent(state: RaftState, { id, instanceId, term }: SilentMember): void {
  const isOwnJudgement = state.isLeader && state.currentTerm === term && state.configuration.knows(id, instanceId);
  const heardTick = state.progress.get(id)?.lastHeardTick ?? null;
  const isSilent = heardTick === null || state.now - heardTick >= state.config.electionTimeoutTicks;
  if (isOwnJudgement && isSilent && id !== state.config.nodeId) {
    changeMembership(state, { kind: 'remove', id }, null);
  }
}
