import type { LogWrite } from '../ports/log-store.port.js';
import { Configuration, encodeConfiguration, RaftLog, unknownInstance } from '../raft/index.js';
import type { Member, NodeId } from '../raft/index.js';
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
  const { hardState, snapshot } = durable;
  // As a start reads them: a log that lacks the position of the snapshot is dropped.
  const log = new RaftLog(snapshot, durable.entries);
  const before = log.configuration;
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
  const { lastIndex } = log;
  const term = Math.max(hardState.currentTerm, log.lastTerm) + 1;
  const commitIndex = Math.max(hardState.commitIndex, log.snapshotIndex);
  const entry = {
    index: lastIndex + 1,
    term,
    kind: 'configuration',
    timeMs: log.entry(lastIndex)?.timeMs ?? snapshot?.lastIncludedTimeMs ?? 0,
    proposal: null,
    data: encodeConfiguration(configuration),
  } as const;
  const { reset } = log.takeUnwritten();
  return {
    write: { reset, entries: [entry], hardState: { currentTerm: term, votedFor: null, commitIndex } },
    configuration,
    uncommittedCount: lastIndex - commitIndex,
  };
}

function survivor(member: Member, { httpAddr }: Kept): Member {
  return { ...member, httpAddr, role: 'voter', promote: true };
}

/** Its former data belong to the epoch before: whoever has the id now is somebody else. */
function awaited(member: Member, { httpAddr }: Kept): Member {
  const promote = member.role === 'voter' || member.promote;
  return { ...member, httpAddr, instanceId: unknownInstance, role: 'learner', promote };
}
