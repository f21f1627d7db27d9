/** Longest value in bytes of UTF-8 that the replicated state takes; the limit for clients is a setting below it. */
export const valueBytesMax = 16 * 1024 * 1024;

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
  /** At least one, each key once. `value` is JSON text, kept as given. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
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

/** What is replicated. */
export type Command = PutCommand | DeleteCommand | DeletePrefixCommand;

export interface CommandEnvelope {
  readonly idempotency: Idempotency | null;
  readonly command: Command;
}
