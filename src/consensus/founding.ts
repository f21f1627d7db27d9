import type { LogWrite, StoredIdentity } from '../ports/log-store.port.js';
import { Configuration, encodeConfiguration } from '../raft/index.js';

/** The term of the founding entry; the founder's first election begins the next one. */
const foundingTerm = 1;

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
    entries: [{ index: 1, term: foundingTerm, kind: 'configuration', timeMs: 0, proposal: null, data }],
    hardState: { currentTerm: foundingTerm, votedFor: null, commitIndex: 1 },
  };
}
