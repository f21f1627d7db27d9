import type { MembershipChange } from './membership/conf-change.js';
import type { SnapshotMetadata } from './snapshot-metadata.js';
import type { Entry, InstanceId, LogIndex, NodeId, ProposalId, Term } from './types.js';

/**
 * What every message between nodes carries.
 *
 * Messages are one-way: an answer is a message of its own. They may be lost, doubled and reordered.
 */
interface Envelope {
  readonly from: NodeId;
  /** Data directory of the sender; its votes and confirmations count only where the configuration knows it. */
  readonly fromInstance: InstanceId;
  readonly to: NodeId;
  /** The sender's `currentTerm`; for a pre-vote request and its grant the term that would be campaigned for. */
  readonly term: Term;
}

/** Asks for a vote (§3.4) or, with `preVote`, whether it would be given (§9.6). */
export interface RequestVote extends Envelope {
  readonly type: 'requestVote';
  readonly preVote: boolean;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** The leader asked for this election: voters answer although they hear a leader (§4.2.3, §3.10). */
  readonly leaderTransfer: boolean;
}

export interface RequestVoteResponse extends Envelope {
  readonly type: 'requestVoteResponse';
  readonly preVote: boolean;
  readonly granted: boolean;
}

/** Appends `entries` after (prevLogIndex, prevLogTerm) (§3.5). */
export interface AppendEntries extends Envelope {
  readonly type: 'appendEntries';
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
}

/** Sent once everything it claims is durable on the sender. */
export interface AppendEntriesResponse extends Envelope {
  readonly type: 'appendEntriesResponse';
  readonly success: boolean;
  /** The `prevLogIndex` that is answered: tells a stale refusal from a current one. */
  readonly prevLogIndex: LogIndex;
  /** With success: the log agrees with the leader's up to here, and is durable. */
  readonly matchIndex: LogIndex;
  /** Without: the highest index at which the two logs can still agree, and its term here (§3.5, fast back-up). */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
}

/** Keeps followers, announces the commit index, and carries a round of read confirmation (§6.4). */
export interface Heartbeat extends Envelope {
  readonly type: 'heartbeat';
  /** Never above what the receiver is known to store. */
  readonly leaderCommit: LogIndex;
  /** Grows with every broadcast of this leader and is never used twice in a term. */
  readonly round: number;
}

export interface HeartbeatResponse extends Envelope {
  readonly type: 'heartbeatResponse';
  readonly round: number;
  /** Less than its reserve of storage is free on the sender. */
  readonly storageFull: boolean;
  /** Last index that is durable on the sender: a voter that reports less than it acknowledged was wiped. */
  readonly durableIndex: LogIndex;
}

/** One chunk of a snapshot (§5.1); the next one follows when this one is acknowledged. */
export interface InstallSnapshot extends Envelope {
  readonly type: 'installSnapshot';
  readonly snapshot: SnapshotMetadata;
  /** Number of this chunk, counting from 0. */
  readonly chunk: number;
  readonly data: Uint8Array;
}

export interface InstallSnapshotResponse extends Envelope {
  readonly type: 'installSnapshotResponse';
  readonly snapshotIndex: LogIndex;
  readonly snapshotTerm: Term;
  /** The chunk that is wanted next; `chunkCount` once the whole snapshot is stored and in force. */
  readonly nextChunk: number;
  readonly installed: boolean;
}

/** Asks the leader from which index on a read may be answered (§6.4). */
export interface ReadIndexRequest extends Envelope {
  readonly type: 'readIndexRequest';
  /** Names the batch of waiting reads on the sender; never used twice by a process. */
  readonly batch: number;
  readonly confirmation: ReadConfirmation;
}

export interface ReadIndexResponse extends Envelope {
  readonly type: 'readIndexResponse';
  readonly batch: number;
  /** Null: the receiver does not lead. */
  readonly readIndex: LogIndex | null;
}

/**
 * - `quorum`: a round of heartbeats after the read arrived proves the leadership (`consistent`), or the question of a voter that
 *   is a majority with the leader.
 * - `contact`: a quorum was heard within the last election timeout (`default`); otherwise as `quorum`.
 */
export type ReadConfirmation = 'quorum' | 'contact';

/** One command on its way into the log. */
export interface Proposal {
  readonly id: ProposalId;
  readonly data: Uint8Array;
}

/** Forwards proposals. The leader appends each in the message's term or never. */
export interface Propose extends Envelope {
  readonly type: 'propose';
  readonly proposals: readonly Proposal[];
}

/** What became of forwarded proposals. Sequences in neither list are unknown and stay so. */
export interface ProposeResponse extends Envelope {
  readonly type: 'proposeResponse';
  /** The term in which the proposals were to be appended. */
  readonly proposedTerm: Term;
  readonly origin: string;
  readonly accepted: readonly { readonly sequence: number; readonly index: LogIndex }[];
  readonly refused: readonly { readonly sequence: number; readonly reason: ProposalRefusal }[];
}

/** Why a proposal certainly was not, and never will be, appended. */
export type ProposalRefusal =
  | 'notLeader'
  | 'overloaded'
  | 'transferring'
  | 'changeInProgress'
  | 'conflict'
  | 'notReady'
  | 'storageFull'
  | RemovalRefusal;

/**
 * Why a member is not removed.
 *
 * - `unknownMember`: there is none of that id.
 * - `lastVoter`: nobody would be left.
 * - `quorumAtRisk`: of those that would be left no majority is heard.
 */
export type RemovalRefusal = 'unknownMember' | 'lastVoter' | 'quorumAtRisk';

/** Forwards a change of the configuration; answered by a `proposeResponse`. */
export interface ChangeMembership extends Envelope {
  readonly type: 'changeMembership';
  readonly id: ProposalId;
  readonly change: MembershipChange;
}

/** Asks the leader what it knows of the members: for people, nothing is decided by it. */
export interface ProgressRequest extends Envelope {
  readonly type: 'progressRequest';
  /** Names the question on the sender. */
  readonly request: number;
}

export interface ProgressResponse extends Envelope {
  readonly type: 'progressResponse';
  readonly request: number;
  /** Null: the receiver does not lead. */
  readonly members: readonly MemberProgress[] | null;
}

/** What the leader knows of one member. */
export interface MemberProgress {
  readonly id: NodeId;
  readonly matchIndex: LogIndex;
  /** Milliseconds since the leader heard of it; 0 for the leader itself, null: never in this term. */
  readonly lastContactMs: number | null;
  /** Heard within the last election timeout, with the data that it is known to have. */
  readonly healthy: boolean;
}

/** Tells the receiver to campaign at once (§3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: 'timeoutNow';
}

/** The leader asks for the checksum of the state at `index`, its commit index: nobody has applied more (ADR 6). */
export interface CompareState extends Envelope {
  readonly type: 'compareState';
  /** Counts the comparisons of the leader's process: names the question in its term. */
  readonly round: number;
  readonly index: LogIndex;
  /** What the leader knows by earlier comparisons, for people who ask another member. */
  readonly findings: ComparisonFindings;
}

/** Sent when exactly `index` is applied. */
export interface CompareStateResponse extends Envelope {
  readonly type: 'compareStateResponse';
  readonly round: number;
  readonly index: LogIndex;
  /** Null: it cannot be had any more, a snapshot went past the index. */
  readonly checksum: string | null;
}

/** The comparison `round` of the sender's term found this. */
export interface StateDiverged extends Envelope {
  readonly type: 'stateDiverged';
  readonly round: number;
  readonly divergence: Divergence;
}

/** Asks the leader to hand leadership over; the sender sees in who leads then what became of it. */
export interface HandOver extends Envelope {
  readonly type: 'handOver';
  /** Null: to whoever stores most. */
  readonly target: NodeId | null;
}

/** What a leader knows of the states of the members. */
export interface ComparisonFindings {
  /** Highest index at which all members of that time were found equal; 0: none yet. */
  readonly comparedIndex: LogIndex;
  /** No member stands in two of them. */
  readonly divergences: readonly Divergence[];
}

/** Members whose states were not equal at one index. */
export interface Divergence {
  readonly index: LogIndex;
  /** What a majority of the voters has there; null: no majority agrees. */
  readonly majorityChecksum: string | null;
  /** Those that have something else or, without a majority, all that answered. Never empty. */
  readonly members: readonly DivergedMember[];
  /** Milliseconds since these members were first found unequal. */
  readonly ageMs: number;
}

export interface DivergedMember {
  readonly id: NodeId;
  readonly instanceId: InstanceId;
  readonly checksum: string;
}

export type Message =
  | RequestVote
  | RequestVoteResponse
  | AppendEntries
  | AppendEntriesResponse
  | Heartbeat
  | HeartbeatResponse
  | InstallSnapshot
  | InstallSnapshotResponse
  | ReadIndexRequest
  | ReadIndexResponse
  | Propose
  | ProposeResponse
  | ChangeMembership
  | TimeoutNow
  | ProgressRequest
  | ProgressResponse
  | CompareState
  | CompareStateResponse
  | StateDiverged
  | HandOver;

export type MessageType = Message['type'];
