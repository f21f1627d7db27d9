import type { Term } from '../types.js';

/**
 * - `fresh`: seen for the first time.
 * - `seen`: a duplicate, or overtaken by a later one; nothing may be said about it.
 */
export type ForwardVerdict = 'fresh' | 'seen';

/**
 * Which forwarded proposals a leader has decided on in the term that it last led.
 *
 * A forwarded proposal is appended in its term once or never, whatever the network repeats. A refusal is final, so
 * only a node that knows what it did in that term may give one: this memory does not survive a restart.
 */
export class ForwardLedger {
  private ledTerm: Term = 0;
  private readonly highestByOrigin = new Map<string, number>();

  /** This node leads `term` from now on. */
  open(term: Term): void {
    this.ledTerm = term;
    this.highestByOrigin.clear();
  }

  /** Whether this process can answer for what happened to proposals of `term`. */
  answersFor(term: Term): boolean {
    return term === this.ledTerm;
  }

  /** Decides on `sequence`: from now on it is `seen`. */
  note(origin: string, sequence: number): ForwardVerdict {
    if (sequence <= (this.highestByOrigin.get(origin) ?? 0)) {
      return 'seen';
    }
    this.highestByOrigin.set(origin, sequence);
    return 'fresh';
  }
}
