import type { Configuration, LogIndex, NodeId, Role, Term } from '../raft/index.js';

/**
 * - `starting`: reads back its data; nothing can be read or written.
 * - `joining`: has no cluster yet.
 * - `running`: takes part.
 * - `stopping`: hands over and drains.
 * - `failed`: its storage failed; it serves stale reads at most and is about to exit.
 */
export type NodePhase = 'starting' | 'joining' | 'running' | 'stopping' | 'failed';

/** What the leader knows of one member. */
export interface PeerProgress {
  readonly matchIndex: LogIndex;
  /** Milliseconds since the leader heard of it; 0 for the leader itself, null: never in this term. */
  readonly lastContactMs: number | null;
  /** Heard within the last election timeout. */
  readonly healthy: boolean;
}

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
  readonly firstLogIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  readonly snapshotIndex: LogIndex;
  /** Bytes of the entries held in memory. */
  readonly logBytes: number;
  readonly revision: number;
  readonly checksum: string;
  /** Milliseconds since this node heard a leader; 0 on the leader, null where there was none since the start. */
  readonly lastContactMs: number | null;
  readonly configuration: Configuration;
  /** By member id; null where this node does not lead. */
  readonly progress: ReadonlyMap<NodeId, PeerProgress> | null;
  /** Set where the storage failed: why. */
  readonly failure: string | null;
}
