import type { RaftState } from '../raft-state.js';
import { stepDown } from '../roles/transitions.js';

/**
 * A leader that heard no quorum for an election timeout steps down, so that its clients look for another
 * (Ongaro 2014 §6.2).
 */
export function checkQuorum(state: RaftState): void {
  if (state.now - state.quorumCheckTick < state.config.electionTimeoutTicks) {
    return;
  }
  state.quorumCheckTick = state.now;
  if (state.config.checkQuorum && !hasActiveQuorum(state)) {
    stepDown(state, 'quorumMissed');
    return;
  }
  for (const progress of state.progress.values()) {
    progress.recentlyActive = false;
  }
}

function hasActiveQuorum(state: RaftState): boolean {
  const active = state.configuration.voterIds.filter(
    (id) => id === state.config.nodeId || state.progress.get(id)?.recentlyActive === true,
  );
  return active.length >= state.configuration.quorumSize;
}
