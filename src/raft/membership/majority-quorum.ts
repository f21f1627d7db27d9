import { at } from '../../lib/assert.js';
import type { NodeId } from '../types.js';

/**
 * The highest value that a majority of the voters has reached; 0 where there is no voter.
 *
 * With match indexes it is the index that a majority stores (Raft paper §5.3, rules for leaders).
 */
export function majorityValue(voterIds: readonly NodeId[], valueOf: (id: NodeId) => number): number {
  if (voterIds.length === 0) {
    return 0;
  }
  const descending = voterIds.map(valueOf).sort((left, right) => right - left);
  return at(descending, Math.floor(voterIds.length / 2));
}

export type VoteResult = 'won' | 'lost' | 'pending';

/** What the votes so far amount to; who has not answered counts for neither side. */
export function voteResult(voterIds: readonly NodeId[], votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  const quorum = Math.floor(voterIds.length / 2) + 1;
  const granted = voterIds.filter((id) => votes.get(id) === true).length;
  const refused = voterIds.filter((id) => votes.get(id) === false).length;
  if (voterIds.length > 0 && granted >= quorum) {
    return 'won';
  }
  return refused > voterIds.length - quorum ? 'lost' : 'pending';
}
