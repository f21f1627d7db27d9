import type {
  Entry,
  LogIndex,
  MembershipChange,
  Proposal,
  ProposalId,
  ProposalOutcome,
  ProposalRefusal,
  SnapshotMetadata,
  Term,
} from '../raft/index.js';
import {
  ChangeInProgressError,
  MembershipConflictError,
  NoLeaderError,
  OutcomeUnknownError,
  OverloadedError,
  RemovalRefusedError,
  ShuttingDownError,
  StorageFullError,
} from './consensus.errors.js';
import type { ConsensusError } from './consensus.errors.js';

/** Who waits for an outcome on this node. Exactly one of the two is called, once. */
export interface Caller<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: ConsensusError) => void;
}

type Content =
  | { readonly kind: 'command'; readonly data: Uint8Array }
  | { readonly kind: 'change'; readonly change: MembershipChange };

interface Waiting {
  readonly content: Content;
  readonly caller: Caller<unknown>;
  readonly deadlineMs: number;
  readonly bytes: number;
  /** The term in which it is appended or never; null while nobody was asked. */
  term: Term | null;
  /** Where it stands, if that is known. */
  index: LogIndex | null;
}

/** What is to be handed to the core now, in this order: its numbers rise. */
export interface ProposalBatch {
  readonly proposals: readonly Proposal[];
  readonly changes: readonly { readonly id: ProposalId; readonly change: MembershipChange }[];
}

/**
 * Callers of this node that wait for an entry to be applied.
 *
 * One that was never appended, for certain, waits for the next leader and is proposed again under a new number; one
 * that may have been is never proposed again: it is settled by its own entry, or ends as unknown.
 */
export class PendingProposals {
  private queued: Waiting[] = [];
  private readonly sent = new Map<number, Waiting>();
  private lastSequence = 0;
  private highestAppliedTerm: Term = 0;
  private bytesWaiting = 0;

  /**
   * @param origin - Names this process in proposal ids.
   * @param limits - Callers and bytes of commands that may wait at a time.
   */
  constructor(
    private readonly origin: string,
    private readonly limits: { readonly countMax: number; readonly bytesMax: number },
  ) {}

  /** Takes a caller in. Refused at once where too many wait: it did not happen. */
  add(content: Content, caller: Caller<unknown>, deadlineMs: number): void {
    const bytes = content.kind === 'command' ? content.data.length : 0;
    if (content.kind === 'command' && !this.hasRoomFor(bytes)) {
      caller.reject(new OverloadedError('too many writes wait on this node'));
      return;
    }
    this.bytesWaiting += bytes;
    this.queued.push({ content, caller, deadlineMs, bytes, term: null, index: null });
  }

  /** Whether a further command would be refused, however short it is. */
  get isFull(): boolean {
    return !this.hasRoomFor(1);
  }

  get size(): number {
    return this.queued.length + this.sent.size;
  }

  /** Numbers everything that waits to be proposed and takes it; the changes come after the proposals. */
  takeBatch(): ProposalBatch {
    const { queued } = this;
    this.queued = [];
    const proposals: Proposal[] = [];
    for (const waiting of queued) {
      if (waiting.content.kind === 'command') {
        proposals.push({ id: this.number(waiting), data: waiting.content.data });
      }
    }
    const changes: { id: ProposalId; change: MembershipChange }[] = [];
    // A leader takes a number below one that it has seen for a copy that came late: numbers rise as they are handed on.
    if (proposals.length < queued.length) {
      for (const waiting of queued) {
        if (waiting.content.kind === 'change') {
          changes.push({ id: this.number(waiting), change: waiting.content.change });
        }
      }
    }
    return { proposals, changes };
  }

  /** The core says what became of one. */
  noteOutcome(outcome: ProposalOutcome): void {
    const waiting = this.sent.get(outcome.sequence);
    if (waiting === undefined) {
      return;
    }
    switch (outcome.kind) {
      case 'accepted':
        waiting.term = outcome.term;
        waiting.index = outcome.index;
        return;
      case 'forwarded':
        waiting.term = outcome.term;
        return;
      case 'refused':
        if (waiting.index === null) {
          this.sent.delete(outcome.sequence);
          this.refuse(waiting, outcome.reason);
        }
    }
  }

  /**
   * An entry was applied here with this result.
   *
   * The first entry of a later term decides about all proposals of earlier terms: what of them is in the log stands
   * before it and has been applied.
   */
  settle(entry: Entry, result: unknown): void {
    if (entry.proposal?.origin === this.origin) {
      this.take(entry.proposal.sequence)?.caller.resolve(result);
    }
    if (entry.term > this.highestAppliedTerm) {
      this.highestAppliedTerm = entry.term;
      this.failSent((waiting) => waiting.term !== null && waiting.term < entry.term, 'its leader was lost');
    }
  }

  /** The state came from a snapshot: whose entries it may hold cannot be told any more. */
  noteSnapshot(metadata: SnapshotMetadata): void {
    this.highestAppliedTerm = Math.max(this.highestAppliedTerm, metadata.lastIncludedTerm);
    this.failSent(
      (waiting) =>
        waiting.term !== null &&
        waiting.term <= metadata.lastIncludedTerm &&
        (waiting.index === null || waiting.index <= metadata.lastIncludedIndex),
      'a snapshot took the place of its entry',
    );
  }

  /** Ends the waiting of callers whose time is over. */
  expire(nowMs: number): void {
    const overdue = this.queued.filter((waiting) => waiting.deadlineMs <= nowMs);
    this.queued = this.queued.filter((waiting) => waiting.deadlineMs > nowMs);
    for (const waiting of overdue) {
      this.drop(waiting, new NoLeaderError('no leader was found in time; the request was not proposed'));
    }
    this.failSent((waiting) => waiting.deadlineMs <= nowMs, 'no answer came in time');
  }

  /** The node stops: nobody waits any longer. */
  close(): void {
    for (const waiting of this.queued.splice(0)) {
      this.drop(waiting, new ShuttingDownError('the node is stopping; the request was not proposed'));
    }
    this.failSent(() => true, 'the node is stopping');
  }

  private number(waiting: Waiting): ProposalId {
    this.lastSequence += 1;
    this.sent.set(this.lastSequence, waiting);
    return { origin: this.origin, sequence: this.lastSequence };
  }

  private hasRoomFor(bytes: number): boolean {
    return this.size < this.limits.countMax && this.bytesWaiting + bytes <= this.limits.bytesMax;
  }

  private refuse(waiting: Waiting, reason: ProposalRefusal): void {
    switch (reason) {
      case 'overloaded':
        this.drop(waiting, new OverloadedError('the log of the leader is full until it is compacted'));
        return;
      case 'storageFull':
        this.drop(waiting, new StorageFullError('less than the reserve of storage is free'));
        return;
      case 'changeInProgress':
        this.drop(waiting, new ChangeInProgressError('another change of the members is in progress'));
        return;
      case 'conflict':
        this.drop(waiting, new MembershipConflictError('the change contradicts the members of the cluster'));
        return;
      case 'unknownMember':
      case 'lastVoter':
      case 'quorumAtRisk':
        this.drop(waiting, new RemovalRefusedError(reason));
        return;
      case 'notLeader':
      case 'transferring':
      case 'notReady':
        waiting.term = null;
        this.queued.push(waiting);
    }
  }

  private failSent(isDone: (waiting: Waiting) => boolean, why: string): void {
    for (const [sequence, waiting] of this.sent) {
      if (isDone(waiting)) {
        this.take(sequence);
        waiting.caller.reject(new OutcomeUnknownError(`${why}: the write may or may not be applied`));
      }
    }
  }

  private take(sequence: number): Waiting | undefined {
    const waiting = this.sent.get(sequence);
    if (waiting !== undefined) {
      this.sent.delete(sequence);
      this.bytesWaiting -= waiting.bytes;
    }
    return waiting;
  }

  private drop(waiting: Waiting, error: ConsensusError): void {
    this.bytesWaiting -= waiting.bytes;
    waiting.caller.reject(error);
  }
}
