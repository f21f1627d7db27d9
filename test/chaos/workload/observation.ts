import type { Operation } from '../../linearizability/index.js';

/** One request of a client and all its repetitions: what the checkers judge, and what was seen beside it. */
export interface Observation {
  readonly operation: Operation;
  /** Which start of the node the (last) answer came from. */
  readonly incarnation: number;
  /** Revision of the whole store when it was read; null where the answer did not say. */
  readonly storeRevision: number | null;
  readonly idempotencyKey: string | null;
  /** What each attempt was answered with, in order. */
  readonly answers: readonly string[];
}

/** Something that must not be. */
export interface Finding {
  /** Which check found it. */
  readonly check: string;
  readonly text: string;
}
