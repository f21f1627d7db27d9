import type { RaftState } from '../raft-state.js';
import type { Progress } from '../replication/progress.js';
import { changeMembership } from './change-membership.js';
import type { Member } from './configuration.js';

/**
 * Makes learners voters that have caught up: their last round of catching up took less than an election timeout, so
 * that they hold up commits no longer than an election does (Ongaro 2014 §4.2.1).
 */
export function promoteLearners(state: RaftState): void {
  for (const member of state.configuration.members.filter((each) => each.role === 'learner' && each.promote)) {
    const progress = state.progress.get(member.id);
    if (progress !== undefined && isReady(state, member, progress)) {
      changeMembership(state, { kind: 'promote', id: member.id, instanceId: member.instanceId }, null);
      return;
    }
  }
}

/** The member answered: ends its round of catching up when it reached the round's target, and begins the next. */
export function noteCatchUp(state: RaftState, progress: Progress): void {
  if (progress.matchIndex < progress.catchUp.target) {
    return;
  }
  progress.hasCaughtUp = state.now - progress.catchUp.sinceTick < state.config.electionTimeoutTicks;
  progress.catchUp = { target: state.log.lastIndex, sinceTick: state.now };
}

function isReady(state: RaftState, member: Member, progress: Progress): boolean {
  const isHeard =
    progress.lastHeardTick !== null && state.now - progress.lastHeardTick < state.config.electionTimeoutTicks;
  const lag = state.log.lastIndex - progress.matchIndex;
  return (
    isHeard &&
    !progress.isWiped &&
    progress.hasCaughtUp &&
    progress.matchIndex > 0 &&
    lag <= state.config.promoteLagEntriesMax &&
    state.configuration.knows(member.id, member.instanceId)
  );
}
