import { clientMutants } from './catalogue/clients.js';
import { electionMutants } from './catalogue/election.js';
import { membershipMutants } from './catalogue/membership.js';
import { readMutants } from './catalogue/reads.js';
import { replicationMutants } from './catalogue/replication.js';
import { snapshotMutants } from './catalogue/snapshots.js';
import { storageMutants } from './catalogue/storage.js';
import { transportMutants } from './catalogue/transport.js';
import type { Mutant } from './mutant.js';

/** All mutants, ordered by id. */
export const mutants: readonly Mutant[] = [
  ...electionMutants,
  ...replicationMutants,
  ...readMutants,
  ...membershipMutants,
  ...snapshotMutants,
  ...clientMutants,
  ...storageMutants,
  ...transportMutants,
].sort((left, right) => (left.id < right.id ? -1 : 1));

/** Whether the simulator must find the mutant. */
export function isForSimulator(mutant: Mutant): boolean {
  return mutant.killers.some((killer) => killer.kind === 'simulator');
}
