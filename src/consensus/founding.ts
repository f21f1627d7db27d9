import type { LogWrite, StoredIdentity } from '../ports/log-store.port.js';
import { Configuration, encodeConfiguration } from '../raft/index.js';

/** The term of the founding entry; the founder's first election begins the next one. */
const foundingTerm = 1;

/**
 * What makes an empty node a cluster of one: a first entry that names it as the only voter, committed.
 *
 * All later members come in by changes of this configuration, so that every log begins with the same entry.
 */
export function foundingWrite(
  identity: StoredIdentity,
  addresses: { readonly httpAddr: string; readonly raftAddr: string },
): LogWrite {
  const { nodeId: id, instanceId } = identity;
  const configuration = new Configuration([{ id, instanceId, ...addresses, role: 'voter', promote: true }]);
  const data = encodeConfiguration(configuration);
  return {
    reset: null,
    entries: [{ index: 1, term: foundingTerm, kind: 'configuration', timeMs: 0, proposal: null, data }],
    hardState: { currentTerm: foundingTerm, votedFor: null, commitIndex: 1 },
  };
}
