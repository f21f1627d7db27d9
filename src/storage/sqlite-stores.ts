import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NodeId } from '../raft/index.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import { prepareDataDirectory } from './data-directory.js';
import { logFile, snapshotFile } from './data-source.js';
import { SqliteStoresModule } from './sqlite-stores.module.js';
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
   * Takes the lock of the directory and brings its databases up to date.
   *
   * @throws StorageError when the directory or a database cannot be used.
   */
  static async start(dataDir: string, warnings: StorageWarnings): Promise<SqliteStores> {
    prepareDataDirectory(dataDir, [logFile, snapshotFile], warnings);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest types the options as a class that it does not export.
    const context = await NestFactory.createApplicationContext(SqliteStoresModule.register(dataDir, warnings), {
      logger: false,
      abortOnError: false,
    });
    return new SqliteStores(context);
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
