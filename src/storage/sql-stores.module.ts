import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  LOG_DATA_SOURCE,
  LOG_SESSION,
  SNAPSHOT_DATA_SOURCE,
  SNAPSHOT_SESSION,
  logEntities,
  snapshotEntities,
} from './data-source.js';
import type { SqlSession } from './sql-session.js';
import { StorageWarnings } from './storage-warnings.js';
import { TypeormBatchStore } from './typeorm-batch-store.js';
import { TypeormSnapshotStore } from './typeorm-snapshot-store.js';

/** What the stores of one node are made of: a session each. */
export interface StoreParts {
  readonly log: SqlSession;
  readonly snapshots: SqlSession;
  readonly warnings: StorageWarnings;
}

/** The stores of one node with their repositories, each store over a data source of its own. */
@Module({})
export class SqlStoresModule {
  /** @param parts - The data sources are open; the module closes them with the application. */
  static register({ log, snapshots, warnings }: StoreParts): DynamicModule {
    return {
      module: SqlStoresModule,
      imports: [
        use(LOG_DATA_SOURCE, log.dataSource),
        use(SNAPSHOT_DATA_SOURCE, snapshots.dataSource),
        TypeOrmModule.forFeature(logEntities, LOG_DATA_SOURCE),
        TypeOrmModule.forFeature(snapshotEntities, SNAPSHOT_DATA_SOURCE),
      ],
      providers: [
        { provide: LOG_SESSION, useValue: log },
        { provide: SNAPSHOT_SESSION, useValue: snapshots },
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
