import { setImmediate } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { InvariantViolation } from '../lib/assert.js';
import { isFull } from '../ports/outage.js';
import { toStorageError } from './classify-error.js';
import type { Dialect, PlainWrite } from './dialects/dialect.js';
import { SerialQueue } from './serial-queue.js';
import { StorageError, closed } from './storage.errors.js';
import type { StorageErrorCode } from './storage.errors.js';

/** Bytes that a transaction is taken to write besides its data: the pages it touches are written whole. */
const transactionOverheadBytes = 16 * 1024;

/** After these nothing more is asked of the connection. */
const lastingCodes: readonly StorageErrorCode[] = ['IO', 'UNUSABLE', 'LOCKED', 'DISCONNECTED'];

/**
 * The one connection of a database: runs tasks in order, wraps them in transactions, checkpoints between them.
 *
 * After an error that leaves the disk in doubt every later task is refused with that error: what a failed sync lost
 * stays lost, and a second one would report success.
 */
export class SqlSession {
  private readonly queue = new SerialQueue();
  private failure: StorageError | InvariantViolation | null = null;
  private isClosing = false;
  private closed: Promise<void> | null = null;
  private uncheckpointedBytes = 0;

  /** @param runner - Of `dataSource`; the session of the database that it holds is the only one that is used. */
  constructor(
    readonly dataSource: DataSource,
    readonly dialect: Dialect,
    private readonly runner: QueryRunner = dataSource.createQueryRunner(),
  ) {}

  /**
   * Runs `task` after the earlier ones.
   *
   * @throws StorageError or InvariantViolation, whatever the task threw.
   */
  run<T>(task: (runner: QueryRunner) => Promise<T>): Promise<T> {
    if (this.isClosing) {
      return Promise.reject(closed());
    }
    return this.queue.run(async () => {
      if (this.failure !== null) {
        throw this.failure;
      }
      try {
        return await task(this.runner);
      } catch (error) {
        throw this.remember(toStorageError(error));
      }
    });
  }

  /**
   * Runs `work` as one transaction, within a task: all of it is stored or nothing.
   *
   * @param bytes - Size of the data that are written.
   */
  async transaction<T>(bytes: number, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    await this.runner.query(this.dialect.beginSql);
    let result: T;
    try {
      await this.dialect.requireOwner(this.runner);
      result = await work(this.runner);
      await this.runner.query('COMMIT');
    } catch (error) {
      await this.rollBack();
      throw error;
    }
    this.uncheckpointedBytes += bytes + transactionOverheadBytes;
    if (this.uncheckpointedBytes >= this.dialect.checkpointBytes && !this.isClosing) {
      this.uncheckpointedBytes = 0;
      this.scheduleCheckpoint();
    }
    return result;
  }

  /**
   * Runs a work that can wait, slice by slice, each a task of its own so that others pass in between.
   *
   * @param slice - Returns whether there is more to do.
   */
  async runSlices(slice: (runner: QueryRunner) => Promise<boolean>): Promise<void> {
    let hasMore = true;
    while (hasMore && !this.isClosing) {
      hasMore = await this.run(slice);
      // Between two slices the thread takes the messages that wait.
      await setImmediate();
    }
  }

  /** After rows were deleted: gives their space back where the volume is short of it. Without space that can wait. */
  async giveBackSpace(): Promise<void> {
    try {
      await this.runSlices((runner) => this.dialect.giveBackSpace(runner));
    } catch (error) {
      if (!isFull(error)) {
        throw error;
      }
    }
  }

  /** Runs a plain write within a task, as one statement. @returns False where it must be a transaction. */
  writePlainly(write: PlainWrite): Promise<boolean> {
    return this.dialect.writePlainly(this.runner, write);
  }

  /** Waits for the tasks given so far, then disconnects. May be called more than once. */
  close(): Promise<void> {
    this.isClosing = true;
    this.closed ??= this.disconnect();
    return this.closed;
  }

  private async disconnect(): Promise<void> {
    await this.queue.idle();
    if (this.dataSource.isInitialized) {
      await this.runner.release();
      await this.dataSource.destroy();
    }
  }

  /** The database may have rolled back by itself, then there is nothing left to undo. */
  private async rollBack(): Promise<void> {
    try {
      await this.runner.query('ROLLBACK');
    } catch {
      return;
    }
  }

  /** A checkpoint that found no space is tried again after as many bytes; any other failure shows at the next task. */
  private scheduleCheckpoint(): void {
    this.run((runner) => this.dialect.checkpoint(runner)).catch(() => undefined);
  }

  private remember(error: StorageError | InvariantViolation): StorageError | InvariantViolation {
    const isLasting = !(error instanceof StorageError) || lastingCodes.includes(error.code);
    if (isLasting) {
      this.failure = error;
    }
    return error;
  }
}
