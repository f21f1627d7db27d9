/**
 * What a command did, the same on every node.
 *
 * - `written`, `deleted`: done, `revision` is the store's after it. `deleted: 0` changed nothing.
 * - `conditionFailed`: nothing changed; `modRevision` is the key's, null where there is none.
 * - `idempotencyKeyReused`: the key belongs to another request; nothing changed.
 * - `idempotencyTableFull`: the key cannot be remembered; nothing changed.
 * - `staged`: a step of a restore was taken; the keys in force are the same.
 * - `restoreRefused`: a step of a restore was not taken, `reason` says why; the keys in force are the same.
 * - `malformed`: the bytes are no command; nothing changed.
 */
export type CommandResult =
  | { readonly kind: 'written'; readonly revision: number }
  | { readonly kind: 'deleted'; readonly revision: number; readonly deleted: number }
  | { readonly kind: 'conditionFailed'; readonly revision: number; readonly modRevision: number | null }
  | { readonly kind: 'idempotencyKeyReused' }
  | { readonly kind: 'idempotencyTableFull' }
  | { readonly kind: 'staged' }
  | { readonly kind: 'restoreRefused'; readonly reason: RestoreRefusal }
  | { readonly kind: 'malformed' };

/**
 * - `unknown`: another restore has begun since, or this one stood still for too long.
 * - `outOfOrder`: chunks are missing.
 * - `damaged`: the keys are not those of a store, or not in order.
 * - `outrun`: the store's revision has reached the one that the keys should get.
 */
export type RestoreRefusal = 'unknown' | 'outOfOrder' | 'damaged' | 'outrun';

/** The results that a retry gets again; the others leave no trace. */
export type RememberedResult = Extract<CommandResult, { kind: 'written' | 'deleted' | 'conditionFailed' }>;

/** One key as it is read. */
export interface StoredValue {
  /** JSON text as it was given, in UTF-8: a view, good until the store changes. Whoever keeps it copies it. */
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Number of writes since the key was created, from 1. */
  readonly version: number;
}

export interface RangeItem extends StoredValue {
  readonly key: string;
}

export interface RangeRequest {
  /** What the keys begin with; empty: all keys. */
  readonly prefix: string;
  /** Only keys after this one, in byte order; null: from the first. */
  readonly after: string | null;
  /** Items at most. */
  readonly limit: number;
  /** Ends the page before keys and values are longer than this, in bytes of UTF-8; one item is always given. */
  readonly bytesMax?: number;
  /** Whether the values, which are of no interest, do not count for `bytesMax`. */
  readonly keysOnly?: boolean;
}

export interface RangeResult {
  /** In byte order of the keys. */
  readonly items: readonly RangeItem[];
  /** Last key of `items` where more keys follow, null otherwise. */
  readonly next: string | null;
}
