export { unknownInstance } from '../raft/index.js';
export type { Configuration, Divergence, MemberProgress, RemovalRefusal } from '../raft/index.js';
import type { ComparisonFindings, Configuration, LogIndex, NodeId, Role, Term } from '../raft/index.js';

/**
 * - `starting`: reads back its data; nothing can be read or written.
 * - `joining`: has no cluster yet.
 * - `running`: takes part.
 * - `stopping`: hands over and drains.
 * - `recovering`: its storage is away; it serves stale reads and comes back with it.
 * - `failed`: its storage failed; it serves stale reads at most and is about to exit.
 */
export type NodePhase = 'starting' | 'joining' | 'running' | 'recovering' | 'stopping' | 'failed';

/**
 * What the cluster has done with a node that still holds its data.
 *
 * - `removed`: its id is no member any more.
 * - `replaced`: its id belongs to another instance.
 * - `leftBehind`: the cluster was rescued from the data of another member, in a new epoch.
 */
export type Exclusion = 'removed' | 'replaced' | 'leftBehind';

export const exclusionWords: Readonly<Record<Exclusion, string>> = {
  removed: 'removed',
  replaced: 'replaced',
  leftBehind: 'left behind by a rescue',
};

/** One moment of a node, for people, health checks and metrics. */
export interface RaftStatus {
  readonly nodeId: NodeId;
  readonly instanceId: string;
  readonly clusterId: string | null;
  readonly phase: NodePhase;
  readonly role: Role;
  readonly term: Term;
  readonly leaderId: NodeId | null;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  /** Entries known to be committed that are not applied here; as heard from the leader, also those that are not here. */
  readonly lagEntries: number;
  readonly firstLogIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  /** The last entry that is durable here, and its term. */
  readonly durableIndex: LogIndex;
  readonly durableTerm: Term;
  readonly snapshotIndex: LogIndex;
  /** Bytes of the entries held in memory. */
  readonly logBytes: number;
  readonly revision: number;
  readonly checksum: string;
  /** Milliseconds since this node heard a leader; 0 on the leader, null where there was none since the start. */
  readonly lastContactMs: number | null;
  readonly configuration: Configuration;
  /** Index of the entry that brought these members; above `commitIndex` they may still be taken back. */
  readonly configurationIndex: LogIndex;
  /** Null: a member, as far as is known here. */
  readonly exclusion: Exclusion | null;
  /** A write has been under way for longer than an election timeout. */
  readonly isStorageStalled: boolean;
  /** Less than the reserve is free. */
  readonly isStorageFull: boolean;
  /** What the comparisons of the members' states found, as of the last one that this node heard of. */
  readonly findings: ComparisonFindings;
  /** Set where the storage failed or is away: why. */
  readonly failure: string | null;
}
