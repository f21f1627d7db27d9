import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { LOG_DATA_SOURCE, SNAPSHOT_DATA_SOURCE, logEntities, snapshotEntities } from './data-source.js';
import { Dialect } from './dialects/dialect.js';
import { StorageWarnings } from './storage-warnings.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { TypeormSnapshotStore } from './typeorm-snapshot-store.js';

/** What the stores of one node are made of. */
export interface StoreParts {
  readonly logDataSource: DataSource;
  readonly snapshotDataSource: DataSource;
  readonly dialect: Dialect;
  readonly warnings: StorageWarnings;
}

/** The stores of one node with their repositories, each store over a data source of its own. */
@Module({})
export class SqliteStoresModule {
  /** @param parts - The data sources are open; the module closes them with the application. */
  static register({ logDataSource, snapshotDataSource, dialect, warnings }: StoreParts): DynamicModule {
    return {
      module: SqliteStoresModule,
      imports: [
        use(LOG_DATA_SOURCE, logDataSource),
        use(SNAPSHOT_DATA_SOURCE, snapshotDataSource),
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

function use(name: string, dataSource: DataSource): DynamicModule {
  return TypeOrmModule.forRootAsync({
    name,
    useFactory: () => dataSource.options,
    dataSourceFactory: () => Promise.resolve(dataSource),
  });
}
