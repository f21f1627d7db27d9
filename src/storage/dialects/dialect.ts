import type { QueryRunner } from 'typeorm';
import type { HardState } from '../../raft/index.js';
import type { EntryBatch } from '../batch-store.js';

/** What a write of the usual kind stores: a batch behind the last one, the hard state, or both. */
export interface PlainWrite {
  readonly batch: EntryBatch | null;
  readonly hardState: HardState | null;
}

/** What the databases do differently, for one connection. */
export abstract class Dialect {
  /** Starts a transaction that may write. */
  abstract readonly beginSql: string;

  /** Estimated bytes written after which {@link Dialect.checkpoint} is due. */
  abstract readonly checkpointBytes: number;

  /** Placeholder of a parameter; `position` counts from 1. */
  abstract parameter(position: number): string;

  /**
   * Reads back what a commit is worth.
   *
   * @throws StorageError UNUSABLE when a committed transaction could be lost in a crash.
   */
  abstract requireDurable(runner: QueryRunner): Promise<void>;

  /**
   * Whether the transactions that follow are durable when they are committed. Those that are not become durable with
   * the next one that is. Must not be called inside a transaction.
   */
  abstract setDurable(runner: QueryRunner, durable: boolean): Promise<void>;

  /**
   * Makes sure, within a transaction, that this process still owns the data when it commits.
   *
   * @throws StorageError LOCKED when another process has taken them over.
   */
  abstract requireOwner(runner: QueryRunner): Promise<void>;

  /**
   * Stores a plain write in one statement, a transaction of its own that also makes sure of the owner: one round trip.
   *
   * @returns False, and nothing is done, where the database gains nothing by it.
   */
  abstract writePlainly(runner: QueryRunner, write: PlainWrite): Promise<boolean>;

  /** Tidies up after writes, outside a transaction. */
  abstract checkpoint(runner: QueryRunner): Promise<void>;

  /**
   * Gives some of the space that deleted rows took back to a volume that is short of it, outside a transaction.
   *
   * @returns Whether there is more to give back.
   */
  abstract giveBackSpace(runner: QueryRunner): Promise<boolean>;
}
