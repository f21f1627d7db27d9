import type { Configuration } from './membership/configuration.js';
import type { ComparisonFindings, Divergence, MemberProgress, Message, ProposalRefusal } from './messages.js';
import type { SnapshotMetadata } from './snapshot-metadata.js';
import type { Entry, HardState, InstanceId, LogIndex, NodeId, Role, RoleReason, Term } from './types.js';

/**
 * What the core wants done after an input. The driver handles the fields in this order:
 *
 * 1. `write` goes to the log store, behind the writes that were handed out before it. When it is durable, its
 *    `messagesAfter` are sent and its number comes back as `RaftCore.persisted`.
 * 2. `messages` go out at once. A leader's AppendEntries are among them: it writes its own disk in parallel with its
 *    followers (Ongaro 2014 §10.2.1).
 * 3. `committed` is applied in order; then its last index comes back as `RaftCore.applied`. Nothing more is handed out
 *    before that.
 * 4. `proposals`, `reads` and `progress` are answers to callers on this node.
 * 5. `snapshotTasks` are done in order; each has an input of its own as its end.
 *
 * `comparison` is noted before `committed` is applied: a checksum may be due inside of it.
 */
export interface Ready {
  readonly write: CoreWrite | null;
  readonly messages: readonly Message[];
  readonly committed: readonly Entry[];
  readonly proposals: readonly ProposalOutcome[];
  readonly reads: readonly ReadOutcome[];
  readonly progress: readonly ProgressOutcome[];
  readonly snapshotTasks: readonly SnapshotTask[];
  readonly comparison: readonly ComparisonStep[];
  /** Set when term, role, leader or configuration changed since the last Ready. */
  readonly change: StatusChange | null;
}

/** One durable step; empty but for `messagesAfter` where these only have to wait for earlier steps. */
export interface CoreWrite {
  /** Counts the writes from 1. */
  readonly sequence: number;
  readonly reset: { readonly index: LogIndex; readonly term: Term } | null;
  readonly entries: readonly Entry[];
  readonly hardState: HardState | null;
  readonly messagesAfter: readonly Message[];
}

/**
 * What happened to a proposal of this node.
 *
 * - `accepted`: stands at (index, term); it can still be lost with its leader.
 * - `forwarded`: on its way to the leader of `term`, which appends it in that term or never.
 * - `refused`: certainly not appended, now or later.
 */
export type ProposalOutcome =
  | { readonly kind: 'accepted'; readonly sequence: number; readonly index: LogIndex; readonly term: Term }
  | { readonly kind: 'forwarded'; readonly sequence: number; readonly term: Term }
  | { readonly kind: 'refused'; readonly sequence: number; readonly reason: ProposalRefusal };

/** `readIndex` null: the leader was lost before it confirmed; the read may be asked again. */
export interface ReadOutcome {
  readonly ids: readonly number[];
  readonly readIndex: LogIndex | null;
}

/** `members` null: whoever was asked does not lead. */
export interface ProgressOutcome {
  readonly request: number;
  readonly members: readonly MemberProgress[] | null;
}

/**
 * What reached this node of a comparison of states (ADR 6).
 *
 * - `asked`: the leader of `term` wants the checksum at exactly `index`; ends with `RaftCore.answerComparison`.
 * - `answered`: a member on the data directory that was admitted answers this leader.
 * - `diverged`: the leader of `term` found states unequal.
 */
export type ComparisonStep =
  | {
      readonly kind: 'asked';
      readonly question: ComparisonQuestion;
      readonly findings: ComparisonFindings;
    }
  | {
      readonly kind: 'answered';
      readonly from: NodeId;
      readonly instanceId: InstanceId;
      readonly round: number;
      readonly index: LogIndex;
      readonly checksum: string | null;
    }
  | { readonly kind: 'diverged'; readonly term: Term; readonly round: number; readonly divergence: Divergence };

/** A question for the checksum of the state at one index; term and round name it. */
export interface ComparisonQuestion {
  readonly term: Term;
  readonly leaderId: NodeId;
  readonly round: number;
  readonly index: LogIndex;
}

/**
 * - `readChunk`: read a chunk of an own snapshot for a follower; ends with `RaftCore.chunkRead`.
 * - `storeChunk`: add a received chunk to the draft, chunk 0 starting a new one; ends with `RaftCore.chunkStored`.
 * - `install`: make the draft durable and restore the state from it; ends with `RaftCore.snapshotInstalled`.
 */
export type SnapshotTask =
  | { readonly kind: 'readChunk'; readonly to: NodeId; readonly index: LogIndex; readonly chunk: number }
  | {
      readonly kind: 'storeChunk';
      readonly metadata: SnapshotMetadata;
      readonly chunk: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'install'; readonly metadata: SnapshotMetadata };

export interface StatusChange {
  readonly role: Role;
  readonly reason: RoleReason;
  readonly term: Term;
  readonly leaderId: NodeId | null;
  readonly configuration: Configuration;
}
