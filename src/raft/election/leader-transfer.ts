import type { HandOver, TimeoutNow } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { progressOf, replicateTo } from '../replication/replicate.js';
import { memberHasRoom } from '../replication/storage-room.js';
import type { NodeId } from '../types.js';
import { startElection } from './campaign.js';

/**
 * Hands leadership to `target`, or where it is null to the voter that stores most, one with room first (Ongaro 2014
 * §3.10).
 *
 * Proposals are refused meanwhile. It is given up when it takes longer than an election timeout.
 *
 * @returns The node that is to lead, null where nobody can.
 */
export function transferLeadership(state: RaftState, target: NodeId | null): NodeId | null {
  const chosen = target ?? mostAdvancedVoter(state);
  const isCandidate = chosen !== null && chosen !== state.config.nodeId && state.configuration.isVoter(chosen);
  if (!state.isLeader || !isCandidate) {
    return null;
  }
  state.transfer = { target: chosen, sinceTick: state.now, isTimeoutNowSent: false };
  replicateTo(state, chosen);
  continueTransfer(state);
  return chosen;
}

/**
 * Hands leadership over where this node leads, and asks its leader to do so where it follows one. Nobody is told what
 * becomes of it: the next leader is.
 */
export function requestHandOver(state: RaftState, target: NodeId | null): void {
  if (state.isLeader) {
    transferLeadership(state, target);
  } else if (state.leaderId !== null) {
    state.send({ type: 'handOver', to: state.leaderId, target });
  }
}

/** Another member asks the leader of its term to hand over. A transfer that is under way goes on. */
export function handleHandOver(state: RaftState, message: HandOver): void {
  if (state.transfer === null && state.configuration.knows(message.from, message.fromInstance)) {
    transferLeadership(state, message.target);
  }
}

/** Tells the target to campaign once it stores the whole log. */
export function continueTransfer(state: RaftState): void {
  const { transfer } = state;
  if (transfer === null || transfer.isTimeoutNowSent) {
    return;
  }
  if (progressOf(state, transfer.target).matchIndex === state.log.lastIndex) {
    transfer.isTimeoutNowSent = true;
    state.send({ type: 'timeoutNow', to: transfer.target });
  }
}

/** Gives up a transfer that took too long, or whose target is no voter any more: this node goes on leading. */
export function expireTransfer(state: RaftState): void {
  const { transfer } = state;
  if (transfer === null) {
    return;
  }
  const isOverdue = state.now - transfer.sinceTick >= state.config.electionTimeoutTicks;
  if (isOverdue || !state.configuration.isVoter(transfer.target)) {
    state.transfer = null;
  }
}

/** The leader asks this node to take over: it campaigns at once, without asking first. */
export function handleTimeoutNow(state: RaftState, message: TimeoutNow): void {
  const isFromLeader = state.leaderId === message.from && message.term === state.currentTerm;
  if (state.isVoter && isFromLeader && !state.isStorageStalled && state.receiving?.isInstalling !== true) {
    startElection(state, true);
  }
}

/** Who is to lead where nobody is named: of the voters heard lately one with room, then the one that stores most. */
export function mostAdvancedVoter(state: RaftState): NodeId | null {
  const reachable = state.configuration.voterIds.filter((id) => {
    const heard = state.progress.get(id)?.lastHeardTick ?? null;
    return heard !== null && state.now - heard < state.config.electionTimeoutTicks;
  });
  const rank = (id: NodeId): [number, number] => [Number(memberHasRoom(state, id)), progressOf(state, id).matchIndex];
  const bestFirst = reachable.sort((left, right) => {
    const [ours, theirs] = [rank(left), rank(right)];
    return theirs[0] - ours[0] || theirs[1] - ours[1];
  });
  return bestFirst[0] ?? null;
}
