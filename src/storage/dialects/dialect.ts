import type { QueryRunner } from 'typeorm';

/** What the databases do differently. The abstract class is the injection token. */
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

  /** Tidies up after writes, outside a transaction. */
  abstract checkpoint(runner: QueryRunner): Promise<void>;
}
