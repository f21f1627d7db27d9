import type { KeyOperation } from './key-operation.js';

/** What a checker says. `undecided`: the step budget ended first, or the method does not apply to a key. */
export type Verdict = 'linearizable' | 'not linearizable' | 'undecided';

/** Why a history is not linearizable. */
export interface Violation {
  readonly key: string;
  /** One sentence. */
  readonly reason: string;
  /** The longest order of operations that agrees with what clients saw; empty where the checker makes none. */
  readonly prefix: readonly KeyOperation[];
  /** The operations that find no place after it: the first one is the one whose answer came first. */
  readonly blocked: readonly KeyOperation[];
}

/** The result of a checker. */
export interface Report {
  readonly verdict: Verdict;
  /** Operations that were judged; a write of several keys counts once for each of them. */
  readonly operations: number;
  readonly keys: number;
  /** Steps of the search; 0 for a checker that does not search. */
  readonly steps: number;
  /** There when the verdict is `not linearizable`. */
  readonly violation: Violation | null;
  /** The keys without verdict. They are all judged when the verdict is `linearizable`. */
  readonly undecidedKeys: readonly string[];
  /**
   * Observations that the checker could only judge in part, so that it may miss a violation through them (never
   * invent one). 0: the verdict is exact.
   */
  readonly unjudged: number;
}
