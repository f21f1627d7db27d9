import { majorityValue } from '../membership/majority-quorum.js';
import type { RaftState } from '../raft-state.js';
import type { NodeId } from '../types.js';

/**
 * Whether this leader has storage to spare, and so have enough voters for a quorum. Without it only what frees space
 * goes into the log (`CoreConfig.mayUseReserve`): the reserve is kept for that, and for changes of the members.
 */
export function hasStorageRoom(state: RaftState): boolean {
  const { voterIds } = state.configuration;
  return !state.isStorageFull && majorityValue(voterIds, (id) => Number(memberHasRoom(state, id))) === 1;
}

/** What this leader heard of a member's storage last; a member that was not heard counts as one with room. */
export function memberHasRoom(state: RaftState, id: NodeId): boolean {
  return id === state.config.nodeId ? !state.isStorageFull : state.progress.get(id)?.isStorageFull !== true;
}
