/** A stored value. `null` in its place says that the key does not exist. */
export type Value = string | number | boolean;

/**
 * How an operation ended for its client.
 *
 * - `ok`: it took effect between `start` and `end`, and `output` is what it showed.
 * - `refused`: its condition did not hold (412). Nothing changed, but it is an observation of the key.
 * - `fail`: it certainly did not happen and never will (4xx, 429, 503). Nothing is learned from it.
 * - `unknown`: it may have taken effect, may take effect at any later time, or never (504, connection lost, client killed).
 */
export type Outcome = 'ok' | 'refused' | 'fail' | 'unknown';

/** What a write demands of its key at the moment when it takes effect; one of them at most. */
export interface WriteCondition {
  /** `If-Match`: the `modRevision` the key must have, or `*` where it only must exist. */
  readonly ifMatch?: number | '*' | undefined;
  /** `If-None-Match: *`: the key must not exist. */
  readonly ifNoneMatch?: '*' | undefined;
}

interface OperationBase {
  /** The client; one that met an unknown outcome may go on under the same name. */
  readonly process: string | number;
  readonly outcome: Outcome;
  /** When the request left, in milliseconds of one monotonic clock for the whole history, fractions welcome. */
  readonly start: number;
  /** When the answer was there, on the same clock; for `unknown` when the client gave up, or null. */
  readonly end: number | null;
  /** The node that was asked. It plays no part in the verdict. */
  readonly node?: string | undefined;
  /** The level of a read. Only `consistent` (or none) promises linearizability: other reads are not judged. */
  readonly level?: 'stale' | 'default' | 'consistent' | undefined;
}

interface SingleKeyOperation extends OperationBase {
  readonly key: string;
}

/** Reads one key. `output` is there when the outcome is `ok`. */
export interface GetOperation extends SingleKeyOperation {
  readonly op: 'get';
  readonly output?: {
    /** Null: the key was not there (404). */
    readonly value: Value | null;
    /** The key's `modRevision`, from the ETag. */
    readonly revision?: number | undefined;
  };
}

/** What a write showed. */
export interface WriteOutput {
  /**
   * After `ok` the revision of this write. After `refused` the `modRevision` that the key had, from the ETag of the
   * refusal, or null where the key was not there; left out where the answer did not say.
   */
  readonly revision?: number | null | undefined;
}

/** Writes one key. */
export interface PutOperation extends SingleKeyOperation {
  readonly op: 'put';
  readonly input: WriteCondition & { readonly value: Value };
  readonly output?: WriteOutput | undefined;
}

/** Writes several keys in one step with one revision. It is judged as one write of each of its keys. */
export interface PutManyOperation extends OperationBase {
  readonly op: 'putMany';
  readonly input: { readonly values: Readonly<Record<string, Value>> };
  readonly output?: WriteOutput | undefined;
}

/** Removes one key. */
export interface DeleteOperation extends SingleKeyOperation {
  readonly op: 'delete';
  readonly input?: WriteCondition | undefined;
  readonly output?: (WriteOutput & { readonly deleted?: boolean | undefined }) | undefined;
}

/** Replaces `expected` by `value`; for stores that compare values. `expected` null: the key must not exist. */
export interface CasOperation extends SingleKeyOperation {
  readonly op: 'cas';
  readonly input: { readonly expected: Value | null; readonly value: Value };
  readonly output?: WriteOutput | undefined;
}

/** Puts text behind the text that is there. */
export interface AppendOperation extends SingleKeyOperation {
  readonly op: 'append';
  readonly input: { readonly value: string };
  readonly output?: WriteOutput | undefined;
}

/** One operation of a recorded history: one line of the project's JSON lines form. */
export type Operation =
  GetOperation | PutOperation | PutManyOperation | DeleteOperation | CasOperation | AppendOperation;

/** The forms that {@link readHistory} knows. */
export type HistoryForm = 'json lines' | 'jepsen log' | 'event maps';

/** A recorded history. */
export interface History {
  readonly form: HistoryForm;
  readonly operations: readonly Operation[];
  /** What every key holds before the first operation; null: it does not exist. */
  readonly initial: Value | null;
}
