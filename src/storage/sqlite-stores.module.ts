import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import {
  LOG_DATA_SOURCE,
  SNAPSHOT_DATA_SOURCE,
  logEntities,
  openDataSource,
  snapshotEntities,
  sqliteLogOptions,
  sqliteSnapshotOptions,
} from './data-source.js';
import { Dialect } from './dialects/dialect.js';
import { SqliteDialect } from './dialects/sqlite.js';
import { StorageWarnings } from './storage-warnings.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { TypeormSnapshotStore } from './typeorm-snapshot-store.js';

/** The stores of one node on SQLite, each over a data source of its own. */
@Module({})
export class SqliteStoresModule {
  static register(dataDir: string, warnings: StorageWarnings): DynamicModule {
    const dialect = new SqliteDialect();
    return {
      module: SqliteStoresModule,
      imports: [
        connect(LOG_DATA_SOURCE, sqliteLogOptions(dataDir), dialect),
        connect(SNAPSHOT_DATA_SOURCE, sqliteSnapshotOptions(dataDir), dialect),
        TypeOrmModule.forFeature(logEntities, LOG_DATA_SOURCE),
        TypeOrmModule.forFeature(snapshotEntities, SNAPSHOT_DATA_SOURCE),
      ],
      providers: [
        { provide: Dialect, useValue: dialect },
        { provide: StorageWarnings, useValue: warnings },
        TypeormBatchStore,
        TypeormSnapshotStore,
      ],
      exports: [TypeormBatchStore, TypeormSnapshotStore],
    };
  }
}

/** A database that cannot be opened is reported at once: waiting does not mend it. */
function connect(name: string, options: DataSourceOptions, dialect: Dialect): DynamicModule {
  return TypeOrmModule.forRootAsync({
    name,
    useFactory: () => ({ ...options, retryAttempts: 0 }),
    dataSourceFactory: () => openDataSource(options, dialect),
  });
}
