import type { HardState, LogIndex, NodeId, Term } from '../raft/index.js';
import type { LogWrite, OutageListener, StoredIdentity } from '../ports/log-store.port.js';

/**
 * A run of consecutive entries in the form in which it is stored: one row of the log. It crosses to the worker as it
 * is, so that entries are encoded once.
 */
export interface EntryBatch {
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  /** Term of the last entry. */
  readonly lastTerm: Term;
  /** CRC-32 of `payload`. */
  readonly checksum: number;
  /** Version of the form of `payload`. */
  readonly formatVersion: number;
  /** The encoded entries, in a buffer of their own. */
  readonly payload: Uint8Array;
}

/** Which entries a batch holds. */
export type BatchSpan = Pick<EntryBatch, 'firstIndex' | 'lastIndex' | 'lastTerm'>;

/** A {@link LogWrite} with its entries encoded; the batches follow each other without a gap. */
export interface BatchWrite {
  readonly reset: LogWrite['reset'];
  readonly batches: readonly EntryBatch[];
  readonly hardState: HardState | null;
}

/** Where the log begins: the position right before its first entry. */
export interface LogBase {
  readonly index: LogIndex;
  readonly term: Term;
}

/** What a start finds besides the batches. */
export interface OpenedLog {
  readonly identity: StoredIdentity;
  readonly hardState: HardState | null;
  readonly base: LogBase;
}

/**
 * The log store in terms of encoded batches: what runs next to the database. Its contract is that of `LogStore`,
 * method by method.
 */
export abstract class BatchStore {
  onOutage: OutageListener = () => undefined;

  /**
   * Opens the data and hands every batch to `take`, lowest index first. May be called again after a failed write, to
   * find out what is durable; it counts as another start.
   */
  abstract open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog>;

  /** The payloads go to the store: the caller does not look at them any more. */
  abstract write(write: BatchWrite): Promise<void>;

  abstract setClusterId(clusterId: string, write: BatchWrite): Promise<void>;

  abstract compact(index: LogIndex): Promise<void>;

  abstract close(): Promise<void>;
}
