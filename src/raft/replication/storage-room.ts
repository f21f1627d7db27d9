import { majorityValue } from '../membership/majority-quorum.js';
import type { RaftState } from '../raft-state.js';

/**
 * Whether this leader has storage to spare, and so have enough voters for a quorum. Without it only what frees space
 * goes into the log (`CoreConfig.mayUseReserve`): the reserve is kept for that, and for changes of the members.
 */
export function hasStorageRoom(state: RaftState): boolean {
  if (state.isStorageFull) {
    return false;
  }
  const { voterIds } = state.configuration;
  return majorityValue(voterIds, (id) => Number(state.progress.get(id)?.isStorageFull !== true)) === 1;
}
