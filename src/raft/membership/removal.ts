import type { ProposalRefusal } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import type { NodeId } from '../types.js';

/**
 * Why `id` may not be removed now; null: it may.
 *
 * Of the voters that remain a majority must have been heard within an election timeout: a removal that leaves a
 * cluster without a quorum can never be taken back. A leader may remove itself (Ongaro 2014 §4.2.2).
 */
export function removalRefusal(state: RaftState, id: NodeId): ProposalRefusal | null {
  const { configuration, config } = state;
  if (configuration.member(id) === undefined) {
    return 'unknownMember';
  }
  if (!configuration.isVoter(id)) {
    return null;
  }
  const rest = configuration.without(id);
  if (rest.voterIds.length === 0) {
    return 'lastVoter';
  }
  const healthy = rest.voterIds.filter((voter) => voter === config.nodeId || isHeard(state, voter));
  if (healthy.length >= rest.quorumSize) {
    return null;
  }
  return mayYetBeHeard(state) ? 'notReady' : 'quorumAtRisk';
}

function isHeard(state: RaftState, id: NodeId): boolean {
  const heardTick = state.progress.get(id)?.lastHeardTick ?? null;
  return heardTick !== null && state.now - heardTick < state.config.electionTimeoutTicks;
}

/** A new leader has not heard everybody yet. */
function mayYetBeHeard(state: RaftState): boolean {
  return state.now - state.leaderClock.tick < state.config.electionTimeoutTicks;
}
