import { exclusionWords } from '../../consensus/raft-status.js';
import type { RaftStatus } from '../../consensus/raft-status.js';
import type { RecoveryView } from './recovery.dto.js';

export interface Findings {
  readonly status: Pick<RaftStatus, 'clusterId' | 'phase' | 'leaderId' | 'exclusion'>;
  readonly members: RecoveryView['members'];
  /** Voters that answer as members. */
  readonly voters: number;
  readonly quorum: number;
}

/** Why there is nothing to rescue from this node; null where there may be. */
export function reasonAgainst({ status, members, voters, quorum }: Findings): string | null {
  if (status.phase !== 'running') {
    return status.clusterId === null
      ? 'This node belongs to no cluster: there is nothing to recover from it.'
      : 'The storage of this node is away: ask another member, or wait until it is back.';
  }
  if (status.exclusion !== null) {
    return `This node was ${exclusionWords[status.exclusion]}: there is nothing to recover from it.`;
  }
  if (members.some(({ state }) => state === 'rescued')) {
    return 'The cluster was rescued already, in a later epoch: set these data aside and let this node join it.';
  }
  if (status.leaderId !== null) {
    return 'There is a leader: nothing is lost.';
  }
  if (voters >= quorum) {
    return `${voters} voters answer, and ${quorum} are a majority: nothing is lost. Either they elect a leader in a moment, or they do not reach each other at their peer addresses.`;
  }
  return null;
}

/** What to do about a majority that does not answer. */
export function adviceOn(
  { members, voters, quorum }: Findings,
  chosen: RecoveryView['members'][number] | null,
): string {
  const unclear = members.filter(({ state }) => state === 'unclear').map(({ id }) => id);
  if (unclear.length > 0) {
    return `${unclear.join(', ')} cannot say yet where its log ends: wait until its data are read back or its storage is there. It may hold what the others lack.`;
  }
  if (chosen === null) {
    return 'No member answers that has the log: ask those that are left.';
  }
  return (
    `${voters} voters answer, and ${quorum} are a majority. Bring the others back if there is any way. Only if they are gone for good: ` +
    `stop all members, and run on the data of ${chosen.id}: raftd recover --keep ${chosen.id}=${chosen.httpAddr} DATA_DIR. ` +
    `Start it, and let the others join it with empty disks. What only the lost members had stored is gone.`
  );
}
