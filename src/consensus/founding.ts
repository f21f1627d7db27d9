import { randomBytes } from 'node:crypto';
import type { LogWrite, StoredIdentity } from '../ports/log-store.port.js';
import { Configuration, encodeConfiguration } from '../raft/index.js';
import type { HardState } from '../raft/index.js';

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
  return randomBytes(16).toString('hex');
}

/** The members of a new cluster: the node whose data are `identity`'s, alone. */
export function foundingMembers(
  { nodeId: id, instanceId }: StoredIdentity,
  addresses: { readonly httpAddr: string; readonly raftAddr: string },
): Configuration {
  return new Configuration([{ id, instanceId, ...addresses, role: 'voter', promote: true }]);
}

/**
 * What makes an empty node a cluster of one: a first entry that names it as the only voter, committed.
 *
 * All later members come in by changes of this configuration, so that every log begins with the same entry.
 */
export function foundingWrite(
  identity: StoredIdentity,
  addresses: { readonly httpAddr: string; readonly raftAddr: string },
): LogWrite {
  const data = encodeConfiguration(foundingMembers(identity, addresses));
  return {
    reset: null,
    entries: [{ ...foundingPosition, kind: 'configuration', timeMs: 0, proposal: null, data }],
    hardState: foundingHardState,
  };
}
