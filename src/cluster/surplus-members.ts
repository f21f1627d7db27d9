import type { MemberProgress, RaftStatus } from '../consensus/raft-status.js';
import { parseOrdinalName } from '../lib/ordinal-name.js';

/** More members than this are a mistake in the file. */
const MEMBER_COUNT_MAX = 99;

/** Who looks, and how many members are wanted. */
interface Wanted {
  readonly nodeId: string;
  readonly count: number;
}

/** One look of the leader at its members. */
export interface SurplusLook {
  readonly status: Pick<RaftStatus, 'nodeId' | 'configuration' | 'configurationIndex' | 'commitIndex'>;
  readonly progress: readonly MemberProgress[];
  readonly count: number;
}

/**
 * What the leader does about members that are not wanted.
 *
 * - `wait`: there is one, and something else comes first.
 * - `handOver`: only the leader itself is left to go: `to` leads from then on.
 */
export type SurplusStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'handOver'; readonly to: string };

/** The number that the file holds; null where it is none. */
export function parseMemberCount(text: string): number | null {
  const digits = /^\s*([1-9]\d?)\s*$/.exec(text)?.[1];
  const count = Number(digits);
  return digits === undefined || count > MEMBER_COUNT_MAX ? null : count;
}

/**
 * Whether `id` is called as the looking node is, with an ordinal at or above the number. Members with other names, and
 * all where the node itself has no ordinal, are nobody's surplus.
 */
export function isSurplus(id: string, { nodeId, count }: Wanted): boolean {
  const [own, other] = [parseOrdinalName(nodeId), parseOrdinalName(id)];
  return own !== null && other?.family === own.family && other.ordinal >= count;
}

/** The next step of the leader: the highest ordinal goes first, the leader itself last, by way of another leader. */
export function nextSurplusStep({ status, progress, count }: SurplusLook): SurplusStep {
  const { nodeId, configuration, configurationIndex, commitIndex } = status;
  const goes = ({ id }: { readonly id: string }): boolean => isSurplus(id, { nodeId, count });
  const surplus = configuration.members.filter(goes).sort((left, right) => ordinalOf(right.id) - ordinalOf(left.id));
  const [first] = [...surplus.filter(({ id }) => id !== nodeId), ...surplus];
  if (first === undefined) {
    return { kind: 'none' };
  }
  if (configurationIndex > commitIndex) {
    return { kind: 'wait', reason: 'another change of the members is in progress' };
  }
  const learner = configuration.members.find((member) => !goes(member) && member.role === 'learner' && member.promote);
  if (learner !== undefined) {
    return { kind: 'wait', reason: `${learner.id} is not promoted yet` };
  }
  if (first.id !== nodeId) {
    return { kind: 'remove', id: first.id };
  }
  const [heir] = progress
    .filter((member) => member.healthy && configuration.isVoter(member.id) && member.id !== nodeId && !goes(member))
    .sort((left, right) => right.matchIndex - left.matchIndex);
  return heir === undefined
    ? { kind: 'wait', reason: 'no healthy voter that stays can lead' }
    : { kind: 'handOver', to: heir.id };
}

function ordinalOf(id: string): number {
  return parseOrdinalName(id)?.ordinal ?? 0;
}
