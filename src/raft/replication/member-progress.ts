import type { MemberProgress, ProgressRequest, ProgressResponse } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import type { Progress } from './progress.js';

/** What this leader knows of each member, itself included. */
export function memberProgress(state: RaftState): MemberProgress[] {
  const { config, configuration, log } = state;
  return configuration.members.map(({ id }) => {
    if (id === config.nodeId) {
      return { id, matchIndex: log.writes.durableIndex, lastContactMs: 0, healthy: true };
    }
    return { id, ...contactOf(state, state.progress.get(id)) };
  });
}

/** Asks for a caller on this node what the leader knows; the answer is in a later Ready, or never comes. */
export function askProgress(state: RaftState, request: number): void {
  if (state.isLeader) {
    state.progressOutcomes.push({ request, members: memberProgress(state) });
  } else if (state.leaderId === null) {
    state.progressOutcomes.push({ request, members: null });
  } else {
    state.send({ type: 'progressRequest', to: state.leaderId, request });
  }
}

/** Another node asks for its callers. */
export function handleProgressRequest(state: RaftState, message: ProgressRequest): void {
  const members = state.isLeader ? memberProgress(state) : null;
  state.send({ type: 'progressResponse', to: message.from, request: message.request, members });
}

/** The leader answered: its knowledge is of the moment in which it sent it. */
export function handleProgressResponse(state: RaftState, { request, members }: ProgressResponse): void {
  state.progressOutcomes.push({ request, members });
}

function contactOf(state: RaftState, progress: Progress | undefined): Omit<MemberProgress, 'id'> {
  if (progress === undefined) {
    return { matchIndex: 0, lastContactMs: null, healthy: false };
  }
  const { matchIndex, lastHeardTick, isWiped } = progress;
  const silentTicks = lastHeardTick === null ? null : state.now - lastHeardTick;
  const healthy = silentTicks !== null && silentTicks < state.config.electionTimeoutTicks && !isWiped;
  return { matchIndex, lastContactMs: silentTicks === null ? null : silentTicks * state.config.tickMs, healthy };
}
