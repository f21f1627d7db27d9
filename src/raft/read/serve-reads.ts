import { majorityValue } from '../membership/majority-quorum.js';
import type { ReadConfirmation, ReadIndexRequest, ReadIndexResponse } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { ackedRoundOf } from '../replication/replicate.js';
import type { LogIndex } from '../types.js';
import type { ReadOrigin } from './read-index.js';

/**
 * Asks from which index on reads of callers on this node may be answered (Ongaro 2014 §6.4).
 *
 * @param ids - Numbers of the waiting reads, answered together in a `ReadOutcome`.
 */
export function readIndex(state: RaftState, ids: readonly number[], confirmation: ReadConfirmation): void {
  if (state.isLeader) {
    serveAsLeader(state, { kind: 'local', ids, confirmation }, isConfirmedByContact(state, confirmation));
  } else if (state.leaderId === null) {
    state.readOutcomes.push({ ids, readIndex: null });
  } else {
    state.forwardedReads.add(ids, confirmation);
  }
}

/** Another node asks for its callers. */
export function handleReadIndexRequest(state: RaftState, message: ReadIndexRequest): void {
  if (!state.isLeader) {
    state.send({ type: 'readIndexResponse', to: message.from, batch: message.batch, readIndex: null });
    return;
  }
  const isConfirmed = isConfirmedByAsker(state, message) || isConfirmedByContact(state, message.confirmation);
  serveAsLeader(state, { kind: 'remote', from: message.from, batch: message.batch }, isConfirmed);
}

/** The leader answered a batch of this node's callers. */
export function handleReadIndexResponse(state: RaftState, message: ReadIndexResponse): void {
  const ids = state.forwardedReads.takeAnswered(message.batch);
  if (ids.length > 0) {
    state.readOutcomes.push({ ids, readIndex: message.readIndex });
  }
}

/** Answers the reads that a quorum's answer to `round` confirms. */
export function answerLeaderReads(state: RaftState, round: number): void {
  for (const read of state.leaderReads.takeConfirmed(round)) {
    answer(state, read.origin, read.readIndex);
  }
}

/** The first entry of the term is committed: reads that came before it can be given an index. */
export function releaseEarlyReads(state: RaftState): void {
  if (!state.hasCommittedInTerm) {
    return;
  }
  for (const origin of state.leaderReads.takeEarly()) {
    state.leaderReads.add(origin, { readIndex: state.commitIndex, lastRound: state.round });
  }
}

/** Leadership is lost: callers here may ask again, other nodes learn it. */
export function abandonLeaderReads(state: RaftState): void {
  for (const origin of state.leaderReads.takeAll()) {
    answer(state, origin, null);
  }
}

/** The leader is lost or another: callers here may ask again. */
export function abandonForwardedReads(state: RaftState): void {
  const ids = state.forwardedReads.takeAll();
  if (ids.length > 0) {
    state.readOutcomes.push({ ids, readIndex: null });
  }
}

/** Sends the waiting reads of this follower's callers to the leader, in one message for each kind. */
export function forwardReads(state: RaftState): void {
  if (state.isLeader || state.leaderId === null) {
    return;
  }
  const overdueTick = state.now - 2 * state.config.heartbeatIntervalTicks;
  for (const confirmation of ['quorum', 'contact'] as const) {
    const batch = state.forwardedReads.takeBatch(confirmation, { tick: state.now, overdueTick });
    if (batch !== null) {
      state.send({ type: 'readIndexRequest', to: state.leaderId, batch, confirmation });
    }
  }
}

/**
 * Whether a majority answered a heartbeat that was sent less than one election timeout ago: until then no other
 * leader can have been elected among nodes whose clocks run alike.
 */
export function hasRecentQuorumContact(state: RaftState): boolean {
  const contactTick = majorityValue(state.configuration.voterIds, (id) =>
    id === state.config.nodeId ? state.now : (state.progress.get(id)?.contactTick ?? -1),
  );
  return contactTick >= 0 && state.now - contactTick < state.config.electionTimeoutTicks;
}

function isConfirmedByContact(state: RaftState, confirmation: ReadConfirmation): boolean {
  return confirmation === 'contact' && hasRecentQuorumContact(state);
}

/**
 * Whether the question of another voter is itself the proof that a round would bring (ADR 13): the two are a majority, and when
 * it asked, after its reads came, neither was in a later term. So nobody had been elected in one by then, and whatever was
 * committed by then this leader knows. It has answered a heartbeat of this term: what it had stored is still there.
 */
function isConfirmedByAsker(state: RaftState, { from, fromInstance }: ReadIndexRequest): boolean {
  const { configuration } = state;
  const isMajority = configuration.quorumSize <= 2 && state.isVoter && configuration.isVoter(from);
  return isMajority && configuration.knows(from, fromInstance) && ackedRoundOf(state, from) > 0;
}

/** @param isConfirmed - Whether no round is needed: the leadership is proven as of after the reads came. */
function serveAsLeader(state: RaftState, origin: ReadOrigin, isConfirmed: boolean): void {
  if (!state.hasCommittedInTerm) {
    state.leaderReads.addEarly(origin);
    return;
  }
  const isAlone = state.configuration.voterIds.length === 1 && state.isVoter;
  if (isAlone || isConfirmed) {
    answer(state, origin, state.commitIndex);
    return;
  }
  state.leaderReads.add(origin, { readIndex: state.commitIndex, lastRound: state.round });
}

function answer(state: RaftState, origin: ReadOrigin, index: LogIndex | null): void {
  if (origin.kind === 'local') {
    state.readOutcomes.push({ ids: origin.ids, readIndex: index });
  } else {
    state.send({ type: 'readIndexResponse', to: origin.from, batch: origin.batch, readIndex: index });
  }
}
