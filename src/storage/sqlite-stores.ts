import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NodeId } from '../raft/index.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import { prepareDataDirectory } from './data-directory.js';
import { logFile, openDataSource, snapshotFile, sqliteLogOptions, sqliteSnapshotOptions } from './data-source.js';
import { SqliteDialect } from './dialects/sqlite.js';
import { SqliteStoresModule } from './sqlite-stores.module.js';
import type { StoreParts } from './sqlite-stores.module.js';
import type { StorageWarnings } from './storage-warnings.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { TypeormSnapshotStore } from './typeorm-snapshot-store.js';

/** The log and the snapshots of one node, opened and closed together: a Nest application of its own. */
export class SqliteStores {
  readonly log: TypeormBatchStore;
  readonly snapshots: TypeormSnapshotStore;

  private constructor(private readonly context: INestApplicationContext) {
    this.log = context.get(TypeormBatchStore);
    this.snapshots = context.get(TypeormSnapshotStore);
  }

  /**
   * Takes the lock of the directory and brings its databases up to date, the log first: it decides who may go on.
   *
   * @throws StorageError when the directory or a database cannot be used; nothing stays open then.
   */
  static async start(dataDir: string, warnings: StorageWarnings): Promise<SqliteStores> {
    prepareDataDirectory(dataDir, [logFile, snapshotFile], warnings);
    const dialect = new SqliteDialect();
    const logDataSource = await openDataSource(sqliteLogOptions(dataDir), dialect);
    const opened = [logDataSource];
    try {
      const snapshotDataSource = await openDataSource(sqliteSnapshotOptions(dataDir), dialect);
      opened.unshift(snapshotDataSource);
      return new SqliteStores(await boot({ logDataSource, snapshotDataSource, dialect, warnings }));
    } catch (error) {
      for (const dataSource of opened) {
        await dataSource.destroy();
      }
      throw error;
    }
  }

  /** Opens the log, then the snapshots that belong to it. May be repeated after a failed write. */
  async open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    const opened = await this.log.open(nodeId, take);
    await this.snapshots.open(opened.identity.instanceId, opened.base.index);
    return opened;
  }

  /** The log last: it holds the lock of the directory. */
  async close(): Promise<void> {
    await this.snapshots.close();
    await this.log.close();
    await this.context.close();
  }
}

function boot(parts: StoreParts): Promise<INestApplicationContext> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest types the options as a class that it does not export.
  return NestFactory.createApplicationContext(SqliteStoresModule.register(parts), {
    logger: false,
    abortOnError: false,
  });
}
