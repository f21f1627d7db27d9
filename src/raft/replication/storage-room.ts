import { majorityValue } from '../membership/majority-quorum.js';
import type { RaftState } from '../raft-state.js';

/**
 * Whether this leader may append `command`: with little storage free on it, or on so many voters that those with room
 * are no quorum, only what frees space goes into the log. The reserve is kept for that, and for changes of the members.
 */
export function hasRoomFor(state: RaftState, command: Uint8Array): boolean {
  return hasQuorumWithRoom(state) || state.config.mayUseReserve(command);
}

function hasQuorumWithRoom(state: RaftState): boolean {
  if (state.isStorageFull) {
    return false;
  }
  const { voterIds } = state.configuration;
  return majorityValue(voterIds, (id) => Number(state.progress.get(id)?.isStorageFull !== true)) === 1;
}
