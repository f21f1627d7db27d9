/** Name of a node, chosen by the operator and unique in its cluster. */
export type NodeId = string;

/** Made once with each data directory: tells a wiped disk from the node that had the id before. */
export type InstanceId = string;

/** Logical time of the cluster; counts elections from 1, 0 before the first (Raft paper §5.1). */
export type Term = number;

/** Position in the replicated log, counting from 1; 0 is the position before the first entry. */
export type LogIndex = number;

/** A learner is a follower that its configuration does not list as a voter. */
export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/**
 * Why a node has its role, for people; nothing is decided by it. A leader keeps the reason of its campaign.
 *
 * - `started`: a follower since its start.
 * - `leaderMissed`: it heard no leader for an election timeout.
 * - `leaderAsked`: the leader handed over to it.
 * - `leaderHeard`: it follows a leader that it heard; who campaigned in the same term lost.
 * - `termRaised`: another node is in a higher term.
 * - `notElected`: a majority did not vote for it.
 * - `quorumMissed`: it led, and heard no quorum for an election timeout.
 * - `storageStalled`: it led, and its storage did not come back in time.
 * - `removed`: it led, and the cluster removed it.
 */
export type RoleReason =
  | 'started'
  | 'leaderMissed'
  | 'leaderAsked'
  | 'leaderHeard'
  | 'termRaised'
  | 'notElected'
  | 'quorumMissed'
  | 'storageStalled'
  | 'removed';

/**
 * Names one proposal for good.
 *
 * `origin` is the instance id and the durable boot number of the proposing process, `sequence` counts its proposals
 * from 1. So a reply is settled only in the process that asked for it.
 */
export interface ProposalId {
  readonly origin: string;
  readonly sequence: number;
}

/**
 * - `command`: opaque bytes for the state machine.
 * - `configuration`: the members from this entry on (Ongaro 2014 §4.1).
 * - `noop`: opens a term, so that entries of earlier terms can be committed (Ongaro 2014 §3.6.2, §6.4).
 */
export type EntryKind = 'command' | 'configuration' | 'noop';

/** One position of the replicated log. Same index and term means same entry (Log Matching, Figure 3). */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  /**
   * Time of the log in milliseconds, stamped by the leader that appended the entry. It grows only while there is a
   * leader, never goes back from one entry to the next and has nothing to do with the calendar.
   */
  readonly timeMs: number;
  /** Who waits for the outcome; null where nobody does. */
  readonly proposal: ProposalId | null;
  readonly data: Uint8Array;
}

/** What must survive a crash besides the log (Figure 2, persistent state). */
export interface HardState {
  readonly currentTerm: Term;
  readonly votedFor: NodeId | null;
  /** Known to be committed. May lag; never above the last entry that is durable together with it. */
  readonly commitIndex: LogIndex;
}

export const emptyHardState: HardState = { currentTerm: 0, votedFor: null, commitIndex: 0 };
