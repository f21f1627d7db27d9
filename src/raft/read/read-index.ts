import type { ReadConfirmation } from '../messages.js';
import type { LogIndex, NodeId } from '../types.js';

/** Who waits for a read index: callers on this node, or a batch of another node. */
export type ReadOrigin =
  | { readonly kind: 'local'; readonly ids: readonly number[]; readonly confirmation: ReadConfirmation }
  | { readonly kind: 'remote'; readonly from: NodeId; readonly batch: number };

interface LeaderRead {
  readonly origin: ReadOrigin;
  readonly readIndex: LogIndex;
  /** The read is confirmed by an answer to this round or a later one. */
  readonly round: number;
}

/**
 * The leader's reads that wait for a proof of its leadership (Ongaro 2014 §6.4).
 *
 * A read takes the commit index as it arrives and waits for a heartbeat round that starts afterwards. One round is
 * under way at a time and confirms all that wait for it; a lost one is made good by the next periodic heartbeat.
 */
export class LeaderReads {
  /** Arrived before this leader committed an entry of its own term: the commit index may still be too low. */
  private early: ReadOrigin[] = [];
  private waiting: LeaderRead[] = [];

  get isEmpty(): boolean {
    return this.early.length === 0 && this.waiting.length === 0;
  }

  addEarly(origin: ReadOrigin): void {
    this.early.push(origin);
  }

  takeEarly(): ReadOrigin[] {
    const taken = this.early;
    this.early = [];
    return taken;
  }

  /** @param lastRound - The latest round that was sent: it may have been answered before the read arrived. */
  add(origin: ReadOrigin, position: { readonly readIndex: LogIndex; readonly lastRound: number }): void {
    this.waiting.push({ origin, readIndex: position.readIndex, round: position.lastRound + 1 });
  }

  /** Whether a round must be sent: somebody waits for one above `lastRound`, and none is under way. */
  wantsRound(rounds: { readonly last: number; readonly confirmed: number }): boolean {
    return rounds.confirmed >= rounds.last && this.waiting.some((read) => read.round > rounds.last);
  }

  /** Takes the reads that a quorum's answer to `round` confirms. */
  takeConfirmed(round: number): LeaderRead[] {
    const confirmed = this.waiting.filter((read) => read.round <= round);
    this.waiting = this.waiting.filter((read) => read.round > round);
    return confirmed;
  }

  /** Leadership is lost: takes everything that waits. */
  takeAll(): ReadOrigin[] {
    const all = [...this.takeEarly(), ...this.waiting.map((read) => read.origin)];
    this.waiting = [];
    return all;
  }
}

interface ForwardedBatch {
  readonly batch: number;
  readonly ids: number[];
  readonly sentTick: number;
}

/**
 * A follower's reads on their way to the leader, one batch under way for each kind of confirmation.
 */
export class ForwardedReads {
  private unsent: Record<ReadConfirmation, number[]> = { quorum: [], contact: [] };
  private sent: Record<ReadConfirmation, ForwardedBatch | null> = { quorum: null, contact: null };
  private lastBatch: number;

  /** @param bootNumber - Keeps the numbers of batches apart from those of earlier starts of this node. */
  constructor(bootNumber: number) {
    this.lastBatch = bootNumber * 0x1_0000_0000;
  }

  add(ids: readonly number[], confirmation: ReadConfirmation): void {
    this.unsent[confirmation].push(...ids);
  }

  /**
   * Takes the batch to send now, null where nothing waits or one is under way.
   *
   * @param overdueTick - A batch sent at or before this tick is given up for lost and sent anew under a new number.
   */
  takeBatch(
    confirmation: ReadConfirmation,
    now: { readonly tick: number; readonly overdueTick: number },
  ): number | null {
    const underWay = this.sent[confirmation];
    if (underWay !== null && underWay.sentTick > now.overdueTick) {
      return null;
    }
    const ids = [...(underWay?.ids ?? []), ...this.unsent[confirmation]];
    if (ids.length === 0) {
      return null;
    }
    this.lastBatch += 1;
    this.unsent[confirmation] = [];
    this.sent[confirmation] = { batch: this.lastBatch, ids, sentTick: now.tick };
    return this.lastBatch;
  }

  /** The leader answered `batch`: takes its reads; empty where it was given up. */
  takeAnswered(batch: number): number[] {
    for (const confirmation of ['quorum', 'contact'] as const) {
      const underWay = this.sent[confirmation];
      if (underWay?.batch === batch) {
        this.sent[confirmation] = null;
        return underWay.ids;
      }
    }
    return [];
  }

  /** The leader is lost: takes everything that waits. */
  takeAll(): number[] {
    const ids = [this.sent.quorum, this.sent.contact].flatMap((underWay) => underWay?.ids ?? []);
    const all = [...ids, ...this.unsent.quorum, ...this.unsent.contact];
    this.unsent = { quorum: [], contact: [] };
    this.sent = { quorum: null, contact: null };
    return all;
  }
}
