import type { ProposalRefusal } from '../messages.js';
import type { RaftState } from '../raft-state.js';
import { appendConfiguration } from '../replication/leader-log.js';
import type { LogIndex, ProposalId } from '../types.js';
import { nextConfiguration } from './conf-change.js';
import type { MembershipChange } from './conf-change.js';
import { removalRefusal } from './removal.js';

export type ChangeResult =
  | { readonly kind: 'appended'; readonly index: LogIndex }
  | { readonly kind: 'refused'; readonly reason: ProposalRefusal };

/**
 * Appends a change of the members, one at a time.
 *
 * None before an entry of this term is committed: the configuration that this leader started with may still be
 * overwritten, and two changes that overlap in no quorum could both be in use (the bug of 2015).
 *
 * @see Ongaro 2014 §4.1 and its correction of 2015.
 */
export function changeMembership(
  state: RaftState,
  change: MembershipChange,
  proposal: ProposalId | null,
): ChangeResult {
  if (!state.isLeader) {
    return { kind: 'refused', reason: 'notLeader' };
  }
  if (!state.hasCommittedInTerm) {
    return { kind: 'refused', reason: 'notReady' };
  }
  if (state.log.configurationIndex > state.commitIndex) {
    return { kind: 'refused', reason: 'changeInProgress' };
  }
  if (state.transfer !== null) {
    return { kind: 'refused', reason: 'transferring' };
  }
  const refusal = change.kind === 'remove' ? removalRefusal(state, change.id) : null;
  if (refusal !== null) {
    return { kind: 'refused', reason: refusal };
  }
  const next = nextConfiguration(state.configuration, change);
  if (next === null) {
    return { kind: 'refused', reason: 'conflict' };
  }
  return { kind: 'appended', index: appendConfiguration(state, next, proposal) };
}
