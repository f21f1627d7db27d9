import type { Divergence, LogIndex } from '../raft/index.js';
import { CorruptStateError } from './consensus.errors.js';

/** One sentence for an operator. */
export function describeDivergence({ index, majorityChecksum, members }: Divergence): string {
  const found = members.map(({ id, checksum }) => `${id} has ${checksum}`).join(', ');
  return majorityChecksum === null
    ? `the states of the members differ at index ${index} and no majority agrees: ${found}`
    : `the state of a member is not that of the others at index ${index}: ${found}, a majority has ${majorityChecksum}`;
}

/** Why a node stops that has another state than a majority of the voters, and what to do then. */
export function divergedState(found: {
  readonly index: LogIndex;
  readonly ownChecksum: string;
  readonly majorityChecksum: string;
}): CorruptStateError {
  return new CorruptStateError(
    `the state of this node is not that of the others: at index ${found.index} its checksum is ${found.ownChecksum}, ` +
      `a majority of the voters has ${found.majorityChecksum}. If it stops so again after a start, replace the node: ` +
      `set its data aside and start it empty with -join, under a new id, or under this one once POST /join named its ` +
      `new instance with "replace": true.`,
  );
}
