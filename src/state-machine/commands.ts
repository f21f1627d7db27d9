/** Longest value in bytes of UTF-8 that the replicated state takes; the limit for clients is a setting below it. */
export const valueBytesMax = 16 * 1024 * 1024;

/** Arrays and objects inside each other in a value, at most. */
export const valueDepthMax = 128;

/** Decides, where the write is applied, whether it happens. `modRevision` null: any existing key will do. */
export type Condition =
  { readonly kind: 'ifMatch'; readonly modRevision: number | null } | { readonly kind: 'ifNoneMatch' };

/** Identifies a retried write (Ongaro 2014 §6.3). */
export interface Idempotency {
  /** 1 to 255 visible ASCII characters, chosen by the client. */
  readonly key: string;
  /** Digest of the request; the same key with another one is refused. */
  readonly fingerprint: string;
  /**
   * Milliseconds of the log's time for which the result is remembered. Whoever takes the request decides, and the log
   * carries it: so it is the same on every node, whatever their settings are.
   */
  readonly retentionMs: number;
}

export interface PutCommand {
  readonly kind: 'put';
  /** At least one, each key once. `value` is a JSON text in UTF-8, kept as given. */
  readonly entries: readonly { readonly key: string; readonly value: Uint8Array }[];
  /** Only with a single entry. */
  readonly condition: Condition | null;
}

export interface DeleteCommand {
  readonly kind: 'delete';
  readonly key: string;
  readonly condition: Condition | null;
}

export interface DeletePrefixCommand {
  readonly kind: 'deletePrefix';
  readonly prefix: string;
}

/**
 * One step of replacing all keys by those of a backup, while others read and write the keys in force:
 *
 * - `begin`: makes a staging area for the keys of a store that had `backupRevision`, in place of an unfinished one. They
 *   will be in force at a revision that is `bump` above both stores'.
 * - `chunk`: adds keys to it, in byte order, as records of key-record.ts. Chunks count from 0; one that was taken before
 *   is passed over.
 * - `commit`: puts the keys in force at once.
 * - `abort`: forgets the staging area.
 *
 * The staging area is forgotten {@link stagingPatienceMs} after its last chunk.
 */
export type RestoreCommand = { readonly kind: 'restore'; readonly id: string } & (
  | { readonly step: 'begin'; readonly backupRevision: number; readonly bump: number }
  | { readonly step: 'chunk'; readonly chunk: number; readonly records: Uint8Array }
  | { readonly step: 'commit'; readonly chunkCount: number; readonly keyCount: number }
  | { readonly step: 'abort' }
);

/** Milliseconds of the log's time that a restore may stand still before what it has brought is forgotten. */
export const stagingPatienceMs = 10 * 60_000;

/** Longest id of a restore, in characters. */
export const restoreIdLengthMax = 64;

/** What is replicated. */
export type Command = PutCommand | DeleteCommand | DeletePrefixCommand | RestoreCommand;

export interface CommandEnvelope {
  readonly idempotency: Idempotency | null;
  readonly command: Command;
}
