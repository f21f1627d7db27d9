import type { Random } from '../lib/random.js';
import { announceDivergence, answerComparison, compareState } from './comparison/compare-state.js';
import { countOwnVote } from './election/campaign.js';
import { requestHandOver, transferLeadership } from './election/leader-transfer.js';
import type { CoreConfig } from './core-config.js';
import { validateCoreConfig } from './core-config.js';
import { checkInvariants } from './invariants.js';
import type { MembershipChange } from './membership/conf-change.js';
import { removeSilent } from './membership/remove-silent.js';
import type { SilentMember } from './membership/remove-silent.js';
import type { ComparisonFindings, Divergence, Message, Proposal, ReadConfirmation } from './messages.js';
import type { DurableState } from './raft-state.js';
import { RaftState } from './raft-state.js';
import { readIndex } from './read/serve-reads.js';
import type { ComparisonQuestion, Ready, StatusChange } from './ready.js';
import { handleChunkStored, handleSnapshotInstalled, handleSnapshotRejected } from './replication/install-snapshot.js';
import { noteCommitted } from './replication/leader-log.js';
import { askProgress } from './replication/member-progress.js';
import { propose, proposeChange } from './replication/propose.js';
import type { ReadChunk } from './replication/send-snapshot.js';
import { handleChunkRead, lowestTransferIndex } from './replication/send-snapshot.js';
import { tickCandidate } from './roles/candidate.js';
import { tickFollower } from './roles/follower.js';
import { tickLeader } from './roles/leader.js';
import { step } from './step.js';
import { takeReady } from './take-ready.js';
import type { SnapshotMetadata } from './snapshot-metadata.js';
import type { LogIndex, NodeId, ProposalId, Term } from './types.js';

/**
 * Raft as a deterministic machine: inputs in, {@link Ready} out.
 *
 * It has no clock, no randomness of its own and does no I/O; whoever drives it takes a `Ready` after each input and
 * does what it says in the order that its documentation gives. The same inputs give the same outputs.
 *
 * @see Ongaro 2014, chapters 3, 4 and 6.
 */
export class RaftCore {
  /** Every variable of the node; read it, and change it by inputs alone. */
  readonly state: RaftState;
  private lastChange: StatusChange | null = null;

  /**
   * @param config - Checked with `validateCoreConfig`.
   * @param random - Draws the election timeouts.
   * @param durable - What the stores hold; all zero for a new node.
   */
  constructor(config: CoreConfig, random: Random, durable: DurableState) {
    validateCoreConfig(config);
    this.state = new RaftState(config, random, durable);
  }

  /** `ticks` ticks have passed. Many at once mean that the process stood still, and are taken as just that. */
  tick(ticks: number): void {
    this.state.now += ticks;
    switch (this.state.role) {
      case 'follower':
        tickFollower(this.state);
        return;
      case 'preCandidate':
      case 'candidate':
        tickCandidate(this.state);
        return;
      case 'leader':
        tickLeader(this.state);
    }
  }

  /** A message arrived. */
  step(message: Message): void {
    step(this.state, message);
  }

  /** Proposes commands of callers on this node; the ids are of this process and grow. */
  propose(proposals: readonly Proposal[]): void {
    propose(this.state, proposals);
  }

  /** Proposes a change of the members. */
  changeMembership(id: ProposalId, change: MembershipChange): void {
    proposeChange(this.state, id, change);
  }

  /** Removes a member that this leader does not hear; see `removeSilent`. */
  removeSilent(member: SilentMember): void {
    removeSilent(this.state, member);
  }

  /** Asks for the index from which on the reads `ids` may be answered here. */
  readIndex(ids: readonly number[], confirmation: ReadConfirmation): void {
    readIndex(this.state, ids, confirmation);
  }

  /** Asks for what the leader knows of the members; the answer in a Ready carries `request`, and may never come. */
  askProgress(request: number): void {
    askProgress(this.state, request);
  }

  /** Asks every other member for the checksum of its state at `index`; nothing where this node does not lead. */
  compareState(round: number, index: LogIndex, findings: ComparisonFindings): void {
    compareState(this.state, { round, index, findings });
  }

  /** Answers a question, unless its leader leads no longer. @param checksum - Null: it cannot be had any more. */
  answerComparison(question: ComparisonQuestion, checksum: string | null): void {
    answerComparison(this.state, question, checksum);
  }

  /** Tells every other member what the comparison `round` found; nothing where this node does not lead. */
  announceDivergence(round: number, divergence: Divergence): void {
    announceDivergence(this.state, round, divergence);
  }

  /** Less than the reserve of storage is free here, or no longer so: says what may still be appended. */
  noteStorage(isFull: boolean): void {
    this.state.isStorageFull = isFull;
  }

  /** Hands leadership to `target`, or to whoever stores most. @returns Who is to lead, null where nobody can. */
  transferLeadership(target: NodeId | null): NodeId | null {
    return transferLeadership(this.state, target);
  }

  /** As {@link transferLeadership} where this node leads; where it follows it asks its leader, once. */
  requestHandOver(target: NodeId | null): void {
    requestHandOver(this.state, target);
  }

  /** The write `sequence` is durable, and all before it. */
  persisted(sequence: number): void {
    const { state } = this;
    state.log.writes.complete(sequence);
    if (state.ownVoteWrite !== null && sequence >= state.ownVoteWrite) {
      countOwnVote(state);
    } else if (state.isLeader) {
      noteCommitted(state);
    }
  }

  /** Everything up to `index` is in the state machine. */
  applied(index: LogIndex): void {
    this.state.lastApplied = Math.max(this.state.lastApplied, index);
  }

  /** A chunk of an own snapshot was read for a follower. */
  chunkRead(read: ReadChunk): void {
    handleChunkRead(this.state, read);
  }

  /** A received chunk is in the draft. */
  chunkStored(stored: { readonly index: LogIndex; readonly term: Term; readonly chunk: number }): void {
    handleChunkStored(this.state, stored);
  }

  /** The received snapshot is durable and the state machine was restored from it. */
  snapshotInstalled(metadata: SnapshotMetadata): void {
    handleSnapshotInstalled(this.state, metadata);
  }

  /** What was received is no snapshot; nothing was changed by it. */
  snapshotRejected(): void {
    handleSnapshotRejected(this.state);
  }

  /** A snapshot of this node's own state is durable: the log may be compacted up to it. */
  snapshotTaken(metadata: SnapshotMetadata): void {
    if (metadata.lastIncludedIndex > this.state.log.snapshotIndex) {
      this.state.log.noteSnapshot(metadata);
    }
  }

  /**
   * Forgets entries up to `index`, never above the snapshot, nor what a follower needs that receives one.
   *
   * @returns The index up to which the stored log may be compacted, null where nothing changed.
   */
  compact(index: LogIndex): LogIndex | null {
    const floor = lowestTransferIndex(this.state) ?? index;
    return this.state.log.compact(Math.min(index, floor)) ? this.state.log.firstIndex - 1 : null;
  }

  /** Takes what has to be done for the inputs since the last call. */
  ready(): Ready {
    const ready = takeReady(this.state, this.lastChange);
    this.lastChange = ready.change ?? this.lastChange;
    checkInvariants(this.state);
    return ready;
  }
}
