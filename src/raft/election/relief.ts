import type { RaftState } from '../raft-state.js';
import { memberHasRoom } from '../replication/storage-room.js';
import { stepDown } from '../roles/transitions.js';
import { mostAdvancedVoter, transferLeadership } from './leader-transfer.js';

/** A leader whose storage is full looks for a successor once in this many election timeouts. */
const retryTimeouts = 5;

/**
 * A leader whose storage stalls or is full hands over to a voter that does better.
 *
 * It stays where nobody does: reads and heartbeats need no disk. Whether the others do better than a stalled leader
 * shows in what they store: a quorum of them has committed entries that this node has not made durable (Ongaro 2014
 * §10.2.1). If they do and the storage still stalls after two election timeouts, the leader steps down, and they elect.
 */
export function seekRelief(state: RaftState): void {
  if (state.isStorageStalled && state.commitIndex > state.log.writes.durableIndex) {
    relieveStalled(state);
  } else if (state.isStorageFull && isRetryDue(state) && othersHaveRoom(state)) {
    const successor = mostAdvancedVoter(state);
    if (successor !== null && memberHasRoom(state, successor)) {
      handOver(state);
    }
  }
}

function relieveStalled(state: RaftState): void {
  if (state.storageDelayTicks >= 2 * state.config.electionTimeoutTicks) {
    stepDown(state, 'storageStalled');
  } else if (state.transfer === null) {
    handOver(state);
  }
}

function handOver(state: RaftState): void {
  state.reliefTick = state.now;
  transferLeadership(state, null);
}

function isRetryDue({ reliefTick, transfer, now, config }: RaftState): boolean {
  const isEarly = reliefTick !== null && now - reliefTick < retryTimeouts * config.electionTimeoutTicks;
  return transfer === null && !isEarly;
}

/** Enough voters for a quorum: this full node is none of them. */
function othersHaveRoom(state: RaftState): boolean {
  const { voterIds, quorumSize } = state.configuration;
  return voterIds.filter((id) => memberHasRoom(state, id)).length >= quorumSize;
}
