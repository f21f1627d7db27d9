import type { LogWrite } from '../ports/log-store.port.js';
import { Configuration, decodeConfiguration, encodeConfiguration, unknownInstance } from '../raft/index.js';
import type { DurableState, Member, NodeId } from '../raft/index.js';
import { RescueRefusedError } from './consensus.errors.js';
import type { RecoveredNode } from './recovery.js';

/** A member after a rescue; its peer address stays what it was. */
export interface Kept {
  readonly id: NodeId;
  readonly httpAddr: string;
}

/** What makes a member whose cluster has lost its majority the only voter of a new epoch. */
export interface Rescue {
  readonly write: LogWrite;
  readonly configuration: Configuration;
  /** Entries that the log holds and that were not known to be committed: all of them are kept. */
  readonly uncommittedCount: number;
}

/**
 * A last entry that names the members anew, in a term of its own. Every entry that the survivor has is kept, since any
 * of them may have been acknowledged.
 *
 * The first of `keep` is the survivor; the others wait as learners for whoever comes with an empty disk. No later
 * change of the members needs the lost majority.
 *
 * @throws RescueRefusedError where the data are no member's, or a member is kept that they do not know.
 */
export function rescue({ identity, durable }: RecoveredNode, keep: readonly [Kept, ...Kept[]]): Rescue {
  const { hardState, entries, snapshot } = durable;
  const before = configurationOf(durable);
  const [self] = keep;
  if (!before.knows(self.id, identity.instanceId)) {
    throw new RescueRefusedError(`the data of ${self.id} are not those of a member: choose another survivor`);
  }
  const members = keep.map((kept) => {
    const member = before.member(kept.id);
    if (member === undefined) {
      const known = before.members.map(({ id }) => id).join(', ');
      throw new RescueRefusedError(`${kept.id} is no member (${known} are): leave it out and let it join later`);
    }
    return kept.id === self.id ? survivor(member, kept) : awaited(member, kept);
  });
  const configuration = new Configuration(members);
  const last = entries.at(-1);
  const lastIndex = last?.index ?? snapshot?.lastIncludedIndex ?? 0;
  const term = Math.max(hardState.currentTerm, last?.term ?? 0) + 1;
  const entry = {
    index: lastIndex + 1,
    term,
    kind: 'configuration',
    timeMs: last?.timeMs ?? snapshot?.lastIncludedTimeMs ?? 0,
    proposal: null,
    data: encodeConfiguration(configuration),
  } as const;
  const next = { currentTerm: term, votedFor: null, commitIndex: hardState.commitIndex };
  return {
    write: { reset: null, entries: [entry], hardState: next },
    configuration,
    uncommittedCount: lastIndex - hardState.commitIndex,
  };
}

/** The latest one, committed or not (Ongaro 2014 §4.1). */
function configurationOf({ entries, snapshot }: DurableState): Configuration {
  const entry = entries.findLast(({ kind }) => kind === 'configuration');
  return entry === undefined ? (snapshot?.configuration ?? Configuration.empty) : decodeConfiguration(entry.data);
}

function survivor(member: Member, { httpAddr }: Kept): Member {
  return { ...member, httpAddr, role: 'voter', promote: true };
}

/** Its former data belong to the epoch before: whoever has the id now is somebody else. */
function awaited(member: Member, { httpAddr }: Kept): Member {
  const promote = member.role === 'voter' || member.promote;
  return { ...member, httpAddr, instanceId: unknownInstance, role: 'learner', promote };
}
