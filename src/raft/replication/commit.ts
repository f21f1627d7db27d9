import { majorityValue } from '../membership/majority-quorum.js';
import type { RaftState } from '../raft-state.js';
import type { LogIndex, NodeId } from '../types.js';

/**
 * Moves `commitIndex` to the highest entry of the current term that a quorum stores durably.
 *
 * An entry of an earlier term is committed only through a later entry of this term: a quorum can
 * store it and a new leader still overwrite it (Figure 8).
 *
 * @returns True when `commitIndex` moved.
 * @see Ongaro 2014 §3.6.2
 */
export function advanceCommitIndex(state: RaftState): boolean {
  const quorumIndex = majorityValue(state.configuration.voterIds, (id) => durableIndexOf(state, id));
  if (quorumIndex <= state.commitIndex) {
    return false;
  }
  if (state.log.termAt(quorumIndex) !== state.currentTerm) {
    return false;
  }
  state.commitIndex = quorumIndex;
  return true;
}

/** What `id` is known to store: for the leader itself what its own disk holds, not what is in memory (§10.2.1). */
function durableIndexOf(state: RaftState, id: NodeId): LogIndex {
  if (id === state.config.nodeId) {
    return state.log.writes.durableIndex;
  }
  const progress = state.progress.get(id);
  return progress === undefined || progress.isWiped ? 0 : progress.matchIndex;
}
