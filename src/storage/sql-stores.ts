import { isMainThread } from 'node:worker_threads';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NodeId } from '../raft/index.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import type { SqlSession } from './sql-session.js';
import { SqlStoresModule } from './sql-stores.module.js';
import type { StoreParts } from './sql-stores.module.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { TypeormSnapshotStore } from './typeorm-snapshot-store.js';

/** The log and the snapshots of one node, opened and closed together: a Nest application of its own. */
export class SqlStores {
  readonly log: TypeormBatchStore;
  readonly snapshots: TypeormSnapshotStore;

  private constructor(
    private readonly context: INestApplicationContext,
    private readonly snapshotSession: SqlSession,
  ) {
    this.log = context.get(TypeormBatchStore);
    this.snapshots = context.get(TypeormSnapshotStore);
  }

  /** @param parts - Sessions that are connected; they are the stores' own from now on. */
  static async boot(parts: StoreParts): Promise<SqlStores> {
    // A thread has one logger; where the application runs on this one, it is the application's.
    const options = isMainThread ? { abortOnError: false } : { abortOnError: false, logger: false as const };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest types the options as a class that it does not export.
    const context = await NestFactory.createApplicationContext(SqlStoresModule.register(parts), options);
    return new SqlStores(context, parts.snapshots);
  }

  /**
   * Opens the log, then the snapshots that belong to it. May be repeated after a failed write.
   *
   * @throws StorageError when the data cannot be used; both were looked at before anything in them is changed.
   */
  async open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    const opened = await this.log.open(nodeId, take, (found) => this.snapshots.requireFit(found));
    await this.snapshots.open(opened.identity.instanceId);
    return opened;
  }

  /** The rows of a query that changes nothing. Writes to the log do not wait for it. */
  ask(query: string): Promise<unknown> {
    return this.snapshotSession.run((runner) => runner.query(query));
  }

  /** The log last: it holds the lock of the data. */
  async close(): Promise<void> {
    await this.snapshots.close();
    await this.log.close();
    await this.context.close();
  }
}
