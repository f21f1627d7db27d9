import type { MemberProgress, ProgressOutcome } from '../raft/index.js';

interface Waiting {
  readonly resolve: (members: readonly MemberProgress[] | null) => void;
  readonly deadlineMs: number;
}

/**
 * Callers of this node that want to know what the leader knows of the members.
 *
 * All that wait share one question. Nobody is kept long: without an answer in time they get null.
 */
export class PendingProgress {
  private queued: Waiting[] = [];
  private readonly asked = new Map<number, Waiting[]>();
  private lastQuestion = 0;

  /** Takes a caller in; it is resolved once, with null where no leader answers before the deadline. */
  add(resolve: Waiting['resolve'], deadlineMs: number): void {
    this.queued.push({ resolve, deadlineMs });
  }

  /** Numbers a question for everybody who waits to ask; null where there is nobody. */
  takeQuestion(): number | null {
    if (this.queued.length === 0) {
      return null;
    }
    this.lastQuestion += 1;
    this.asked.set(this.lastQuestion, this.queued);
    this.queued = [];
    return this.lastQuestion;
  }

  /** The leader answered, or whoever was asked leads no longer. */
  noteOutcome({ request, members }: ProgressOutcome): void {
    for (const waiting of this.asked.get(request) ?? []) {
      waiting.resolve(members);
    }
    this.asked.delete(request);
  }

  /** Ends the waiting of callers whose time is over. */
  expire(nowMs: number): void {
    this.queued = giveUp(this.queued, nowMs);
    for (const [question, callers] of this.asked) {
      const left = giveUp(callers, nowMs);
      if (left.length === 0) {
        this.asked.delete(question);
      } else {
        this.asked.set(question, left);
      }
    }
  }

  /** The node stops: nobody waits any longer. */
  close(): void {
    this.expire(Infinity);
  }
}

/** @returns Those whose time is not over. */
function giveUp(callers: readonly Waiting[], nowMs: number): Waiting[] {
  return callers.filter(({ resolve, deadlineMs }) => {
    if (deadlineMs > nowMs) {
      return true;
    }
    resolve(null);
    return false;
  });
}
