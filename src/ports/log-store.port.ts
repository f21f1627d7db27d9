import type { Entry, HardState, InstanceId, LogIndex, NodeId, Term } from '../raft/index.js';

/** Whose data a directory or schema holds. */
export interface StoredIdentity {
  readonly nodeId: NodeId;
  /** Made when the data were first opened. */
  readonly instanceId: InstanceId;
  /** Null until the node has founded or joined a cluster. */
  readonly clusterId: string | null;
  /** Counts the starts on these data, this one included, from 1. Durable before {@link LogStore.open} resolves. */
  readonly bootNumber: number;
}

/** Everything that a restart finds. */
export interface StoredLog {
  readonly identity: StoredIdentity;
  /** Null where nothing was ever written: an empty node. */
  readonly hardState: HardState | null;
  /** Consecutive, lowest index first. Their `data` are theirs alone. */
  readonly entries: readonly Entry[];
}

/** One write: all of it or nothing. */
export interface LogWrite {
  /**
   * Replaces the whole log by the position of a snapshot that is already durable: every entry is removed, the next
   * one has index `reset.index + 1`. Null: the log stays.
   */
  readonly reset: { readonly index: LogIndex; readonly term: Term } | null;
  /**
   * Consecutive entries; those stored at or above the first one's index are removed, then these appended. Empty:
   * nothing is removed or appended.
   */
  readonly entries: readonly Entry[];
  /** Null: stays as stored. */
  readonly hardState: HardState | null;
}

/** Changes nothing. */
export const emptyWrite: LogWrite = { reset: null, entries: [], hardState: null };

export type OutageListener = (error: Error) => void;

/**
 * Keeps log and hard state of one node over crashes.
 *
 * Calls take effect in the order in which they were made, whether or not the caller waits between them.
 */
export abstract class LogStore {
  /** Set by who wants to know that the storage went away while nothing was asked of it; a call that fails says so itself. */
  onOutage: OutageListener = () => undefined;

  /**
   * Opens the data of `nodeId`, makes them where there are none, and counts the start.
   *
   * @throws StorageError when the data cannot be used, are damaged, newer than this program or another node's.
   */
  abstract open(nodeId: NodeId): Promise<StoredLog>;

  /** Durable when the promise resolves. A rejected write may or may not be stored: only a new start can tell. */
  abstract write(write: LogWrite): Promise<void>;

  /**
   * Names the cluster that this node belongs to, for good but for a later epoch of it, and makes `write` with it, all
   * or nothing. Durable when the promise resolves.
   */
  abstract setClusterId(clusterId: string, write?: LogWrite): Promise<void>;

  /** Frees entries up to and including `index`; some of them may stay. Durable at some later time. */
  abstract compact(index: LogIndex): Promise<void>;

  /** Waits for the calls that were made, then lets go of the data. */
  abstract close(): Promise<void>;
}
