import { isLaterEpoch } from '../../lib/cluster-epoch.js';
import type { MemberStatus, RecoveryView } from './recovery.dto.js';

export type MemberState = RecoveryView['members'][number]['state'];

/** Phases in which a node answers and cannot say where its log ends. */
const unclearPhases = ['starting', 'recovering', 'stopping'];

/**
 * What the answer of whoever is at the address of a member says of that member.
 *
 * A wiped disk under its id, or another node or cluster at its address, is no survivor.
 *
 * @param found - Null: nobody answered.
 */
export function stateOf(
  found: MemberStatus | null,
  member: { readonly id: string; readonly instanceId: string },
  clusterId: string | null,
): MemberState {
  if (found?.node.id !== member.id) {
    return 'absent';
  }
  const { node } = found;
  if (unclearPhases.includes(node.phase)) {
    return 'unclear';
  }
  if (clusterId !== null && node.clusterId !== null && isLaterEpoch(node.clusterId, clusterId)) {
    return 'rescued';
  }
  return node.instanceId === member.instanceId && node.clusterId === clusterId ? 'present' : 'absent';
}
