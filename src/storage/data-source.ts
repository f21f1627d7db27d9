import { join } from 'node:path';
import { DataSource, MigrationExecutor } from 'typeorm';
import type { DataSourceOptions, QueryRunner } from 'typeorm';
import { toStorageError } from './classify-error.js';
import { logFile, snapshotFile } from './data-files.js';
import type { Dialect } from './dialects/dialect.js';
import { prepareSqlite } from './dialects/sqlite.js';
import { HardStateEntity } from './entities/hard-state.entity.js';
import { LogBaseEntity } from './entities/log-base.entity.js';
import { LogBatchEntity } from './entities/log-batch.entity.js';
import { NodeIdentityEntity } from './entities/node-identity.entity.js';
import { SnapshotChunkEntity } from './entities/snapshot-chunk.entity.js';
import { SnapshotOwnerEntity } from './entities/snapshot-owner.entity.js';
import { SnapshotEntity } from './entities/snapshot.entity.js';
import { InitialLog } from './migrations/1-initial-log.js';
import { RowChecksums } from './migrations/2-row-checksums.js';
import { InitialSnapshot } from './migrations/1-initial-snapshot.js';
import { newerVersion } from './storage.errors.js';

/** Names of the two data sources: a large snapshot must not share the connection of the log. */
export const LOG_DATA_SOURCE = 'log';
export const SNAPSHOT_DATA_SOURCE = 'snapshot';

/** Injection tokens of their {@link SqlSession}s. */
export const LOG_SESSION = Symbol('LOG_SESSION');
export const SNAPSHOT_SESSION = Symbol('SNAPSHOT_SESSION');

export const logEntities = [LogBatchEntity, HardStateEntity, LogBaseEntity, NodeIdentityEntity];
export const snapshotEntities = [SnapshotEntity, SnapshotChunkEntity, SnapshotOwnerEntity];

/** A held lock is reported after this many milliseconds: long enough for a process that is just exiting. */
const lockTimeoutMs = 250;

/** Options of the log's database in `dataDir`. */
export function sqliteLogOptions(dataDir: string): DataSourceOptions {
  return {
    ...sqliteOptions(join(dataDir, logFile)),
    entities: logEntities,
    migrations: [InitialLog, RowChecksums],
  };
}

/** Options of the snapshots' database in `dataDir`. */
export function sqliteSnapshotOptions(dataDir: string): DataSourceOptions {
  return {
    ...sqliteOptions(join(dataDir, snapshotFile)),
    entities: snapshotEntities,
    migrations: [InitialSnapshot],
  };
}

function sqliteOptions(database: string) {
  return {
    type: 'better-sqlite3',
    database,
    timeout: lockTimeoutMs,
    prepareDatabase: prepareSqlite,
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
  } as const;
}

/**
 * Connects, proves that commits are durable, and brings the tables up to date.
 *
 * @throws StorageError LOCKED, UNUSABLE, CORRUPT, or NEWER_VERSION, in which case the tables are untouched.
 */
export async function openDataSource(options: DataSourceOptions, dialect: Dialect): Promise<DataSource> {
  const dataSource = new DataSource(options);
  try {
    await dataSource.initialize();
    const runner = dataSource.createQueryRunner();
    await dialect.requireDurable(runner);
    await bringUpToDate(dataSource, runner);
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) {
      await dataSource.destroy();
    }
    throw toStorageError(error);
  }
}

/**
 * Makes the tables what this program needs, in one transaction.
 *
 * @throws StorageError NEWER_VERSION: a later version was here; nothing is changed.
 */
export async function bringUpToDate(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  const known = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const run = await migrationsRun(dataSource, runner);
  const unknown = run.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw newerVersion(`the database (${unknown})`);
  }
  // TypeORM's executor looks at the server's whole catalogue before it finds that there is nothing to do.
  if (known.every((name) => run.includes(name))) {
    return;
  }
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'all';
  await executor.executePendingMigrations();
}

/** Names of the migrations that were run on the tables; a later version's are among them. */
async function migrationsRun(dataSource: DataSource, runner: QueryRunner): Promise<readonly string[]> {
  const table = dataSource.options.migrationsTableName ?? 'migrations';
  if (!(await runner.hasTable(table))) {
    return [];
  }
  const rows = (await runner.query(`SELECT name FROM ${table}`)) as readonly { readonly name: string }[];
  return rows.map(({ name }) => name);
}
