import { proposalOrigin } from '../core-config.js';
import type { ChangeMembership, Proposal, ProposalRefusal, Propose, ProposeResponse } from '../messages.js';
import { changeMembership } from '../membership/change-membership.js';
import type { ChangeResult } from '../membership/change-membership.js';
import type { MembershipChange } from '../membership/conf-change.js';
import type { RaftState } from '../raft-state.js';
import type { LogIndex, ProposalId } from '../types.js';
import { appendAsLeader } from './leader-log.js';
import { hasStorageRoom } from './storage-room.js';

/** Appends proposals of this node's callers, or forwards them to the leader; each has an outcome in the next Ready. */
export function propose(state: RaftState, proposals: readonly Proposal[]): void {
  if (state.isLeader) {
    const hasRoom = hasStorageRoom(state);
    for (const proposal of proposals) {
      const { sequence } = proposal.id;
      const decided = appendProposal(state, proposal, hasRoom);
      // Spelled out: V8 11 gives each object that a spread begins and other names follow a hidden class of its own.
      state.proposalOutcomes.push(
        decided.kind === 'accepted'
          ? { kind: 'accepted', sequence, index: decided.index, term: state.currentTerm }
          : { kind: 'refused', sequence, reason: decided.reason },
      );
    }
    return;
  }
  if (state.leaderId === null) {
    for (const { id } of proposals) {
      state.proposalOutcomes.push({ kind: 'refused', sequence: id.sequence, reason: 'notLeader' });
    }
    return;
  }
  for (const batch of batchesOf(proposals, state.config.appendBytesMax)) {
    state.send({ type: 'propose', to: state.leaderId, proposals: batch });
  }
  for (const { id } of proposals) {
    state.proposalOutcomes.push({ kind: 'forwarded', sequence: id.sequence, term: state.currentTerm });
  }
}

/** Changes the members for a caller on this node, or forwards the change; its outcome is in the next Ready. */
export function proposeChange(state: RaftState, id: ProposalId, change: MembershipChange): void {
  const { sequence } = id;
  if (!state.isLeader && state.leaderId !== null) {
    state.send({ type: 'changeMembership', to: state.leaderId, id, change });
    state.proposalOutcomes.push({ kind: 'forwarded', sequence, term: state.currentTerm });
    return;
  }
  const result = changeMembership(state, change, id);
  state.proposalOutcomes.push(
    result.kind === 'appended'
      ? { kind: 'accepted', sequence, index: result.index, term: state.currentTerm }
      : { kind: 'refused', sequence, reason: result.reason },
  );
}

/**
 * Another node forwards its callers' proposals: each is appended in the message's term or never.
 *
 * Nothing is said about what this process cannot know: whether an earlier start of it, or a copy of the message,
 * had them appended.
 */
export function handlePropose(state: RaftState, message: Propose): void {
  if (!state.forwardLedger.answersFor(message.term)) {
    return;
  }
  const leadsTerm = state.isLeader && message.term === state.currentTerm;
  const hasRoom = leadsTerm && hasStorageRoom(state);
  const accepted: { sequence: number; index: LogIndex }[] = [];
  const refused: { sequence: number; reason: ProposalRefusal }[] = [];
  for (const proposal of message.proposals) {
    const { origin, sequence } = proposal.id;
    if (state.forwardLedger.note(origin, sequence) === 'seen') {
      continue;
    }
    const decided: Decided = leadsTerm
      ? appendProposal(state, proposal, hasRoom)
      : { kind: 'refused', reason: 'notLeader' };
    if (decided.kind === 'accepted') {
      accepted.push({ sequence, index: decided.index });
    } else {
      refused.push({ sequence, reason: decided.reason });
    }
  }
  respond(state, message, { origin: message.proposals[0]?.id.origin ?? '', accepted, refused });
}

/** Another node forwards a change of the members. */
export function handleChangeMembership(state: RaftState, message: ChangeMembership): void {
  const { origin, sequence } = message.id;
  if (!state.forwardLedger.answersFor(message.term) || state.forwardLedger.note(origin, sequence) === 'seen') {
    return;
  }
  const leadsTerm = state.isLeader && message.term === state.currentTerm;
  const result: ChangeResult = leadsTerm
    ? changeMembership(state, message.change, message.id)
    : { kind: 'refused', reason: 'notLeader' };
  respond(state, message, {
    origin,
    accepted: result.kind === 'appended' ? [{ sequence, index: result.index }] : [],
    refused: result.kind === 'refused' ? [{ sequence, reason: result.reason }] : [],
  });
}

/** The leader says what became of forwarded proposals of this process. */
export function handleProposeResponse(state: RaftState, message: ProposeResponse): void {
  if (message.origin !== proposalOrigin(state.config)) {
    return;
  }
  for (const { sequence, index } of message.accepted) {
    state.proposalOutcomes.push({ kind: 'accepted', sequence, index, term: message.proposedTerm });
  }
  for (const { sequence, reason } of message.refused) {
    state.proposalOutcomes.push({ kind: 'refused', sequence, reason });
  }
}

type Decided =
  | { readonly kind: 'accepted'; readonly index: LogIndex }
  | { readonly kind: 'refused'; readonly reason: ProposalRefusal };

/** @param hasRoom - As {@link hasStorageRoom} says: it is the same for all proposals of one input. */
function appendProposal(state: RaftState, proposal: Proposal, hasRoom: boolean): Decided {
  if (state.transfer !== null) {
    return { kind: 'refused', reason: 'transferring' };
  }
  if (state.log.bytes + proposal.data.length > state.config.logBytesMax) {
    return { kind: 'refused', reason: 'overloaded' };
  }
  if (!hasRoom && !state.config.mayUseReserve(proposal.data)) {
    return { kind: 'refused', reason: 'storageFull' };
  }
  return {
    kind: 'accepted',
    index: appendAsLeader(state, { kind: 'command', data: proposal.data, proposal: proposal.id }),
  };
}

/** Cuts proposals into messages of at most `bytesMax`; a larger one travels alone. */
function batchesOf(proposals: readonly Proposal[], bytesMax: number): Proposal[][] {
  const batches: Proposal[][] = [];
  let current: Proposal[] = [];
  let bytes = 0;
  for (const proposal of proposals) {
    if (current.length > 0 && bytes + proposal.data.length > bytesMax) {
      batches.push(current);
      current = [];
      bytes = 0;
    }
    current.push(proposal);
    bytes += proposal.data.length;
  }
  return current.length === 0 ? batches : [...batches, current];
}

function respond(
  state: RaftState,
  request: Propose | ChangeMembership,
  outcome: Pick<ProposeResponse, 'origin' | 'accepted' | 'refused'>,
): void {
  if (outcome.accepted.length > 0 || outcome.refused.length > 0) {
    state.send({ type: 'proposeResponse', to: request.from, proposedTerm: request.term, ...outcome });
  }
}
