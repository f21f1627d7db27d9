import { createHash, randomBytes } from 'node:crypto';
import type { LogWrite } from '../ports/log-store.port.js';
import { Configuration, encodeConfiguration } from '../raft/index.js';
import type { HardState } from '../raft/index.js';

/** Bytes of a cluster id, which is written in hexadecimal digits. */
const clusterIdBytes = 16;

/** The place of the founding entry; the founder's first election begins the next term. */
export const foundingPosition = { index: 1, term: 1 } as const;

/** What is durable together with it: it is committed. */
export const foundingHardState: HardState = {
  currentTerm: foundingPosition.term,
  votedFor: null,
  commitIndex: foundingPosition.index,
};

/** An id that no other cluster has. */
export function newClusterId(): string {
  return randomBytes(clusterIdBytes).toString('hex');
}

/** A node that founds, alone or with others. */
export interface Founder {
  readonly id: string;
  readonly instanceId: string;
  readonly httpAddr: string;
  readonly raftAddr: string;
}

/** The members of a new cluster: all of them voters. */
export function foundingMembers(founders: readonly Founder[]): Configuration {
  return new Configuration(founders.map((founder) => ({ ...founder, role: 'voter', promote: true })));
}

/** The name of the cluster that these found: a hash of their ids and instances, the same on each of them. */
export function foundingClusterId(founders: readonly Pick<Founder, 'id' | 'instanceId'>[]): string {
  const names = founders.map(({ id, instanceId }) => `${id} ${instanceId}`).sort();
  return createHash('sha256')
    .update(names.join('\n'))
    .digest('hex')
    .slice(0, 2 * clusterIdBytes);
}

/**
 * What makes empty nodes a cluster: a first entry that names them as its voters, committed.
 *
 * All later members come in by changes of this configuration, so that every log begins with the same entry.
 */
export function foundingWrite(founders: readonly Founder[]): LogWrite {
  const data = encodeConfiguration(foundingMembers(founders));
  return {
    reset: null,
    entries: [{ ...foundingPosition, kind: 'configuration', timeMs: 0, proposal: null, data }],
    hardState: foundingHardState,
  };
}
