import { Inject, Logger, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { FreeSpace } from '../ports/free-space.port.js';
import { LogStore } from '../ports/log-store.port.js';
import { SnapshotStore } from '../ports/snapshot-store.port.js';
import { StoredSize } from '../ports/stored-size.port.js';
import { BatchedLogStore } from './batched-log-store.js';
import { logFile, snapshotFile } from './data-files.js';
import { DirectoryFreeSpace } from './directory-free-space.js';
import { DirectoryStoredSize } from './directory-stored-size.js';
import type { PostgresOptions } from './postgres-options.js';
import { PostgresBatchStore, PostgresSnapshotStore } from './postgres-store.js';
import { PostgresStoredSize } from './postgres-stored-size.js';
import { StorageFailure } from './storage-failure.js';
import type { StoreEvents } from './store-events.js';
import { UnknownFreeSpace } from './unknown-free-space.js';
import { WorkerClient } from './worker-client.js';
import { WorkerBatchStore, WorkerSnapshotStore } from './worker-store.js';

/** Data in files, by SQLite. */
export interface SqliteOptions {
  readonly kind: 'sqlite';
  /** Folder of the node's data, made where it is missing. */
  readonly dataDir: string;
}

export type StorageOptions = SqliteOptions | PostgresOptions;

/** What is behind the ports. */
interface Backend {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly freeSpace: FreeSpace;
  readonly storedSize: StoredSize;
}

/** Injection token of the {@link Backend}. */
const BACKEND = Symbol('BACKEND');

/**
 * Provides {@link FreeSpace}, {@link StoredSize}, {@link LogStore} and {@link SnapshotStore}, on SQLite in a worker thread
 * or on Postgres, and {@link StorageFailure}.
 *
 * Nothing is touched before `LogStore.open`, which also says what is wrong with the directory or the server.
 */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(LogStore) private readonly log: LogStore) {}

  static register(options: StorageOptions): DynamicModule {
    return {
      module: StorageModule,
      providers: [
        StorageFailure,
        {
          provide: BACKEND,
          inject: [StorageFailure],
          useFactory: (failure: StorageFailure) => backendOf(options, storeEvents(failure)),
        },
        { provide: FreeSpace, inject: [BACKEND], useFactory: (backend: Backend) => backend.freeSpace },
        { provide: StoredSize, inject: [BACKEND], useFactory: (backend: Backend) => backend.storedSize },
        { provide: LogStore, inject: [BACKEND], useFactory: (backend: Backend) => backend.log },
        { provide: SnapshotStore, inject: [BACKEND], useFactory: (backend: Backend) => backend.snapshots },
      ],
      exports: [FreeSpace, StoredSize, LogStore, SnapshotStore, StorageFailure],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}

async function backendOf(options: StorageOptions, events: StoreEvents): Promise<Backend> {
  if (options.kind === 'postgres') {
    // Loaded where it is used: with files the driver and TypeORM run in the worker alone.
    const { PostgresClient } = await import('./postgres-client.js');
    const client = new PostgresClient(options, events);
    return {
      log: new BatchedLogStore(new PostgresBatchStore(client)),
      snapshots: new PostgresSnapshotStore(client),
      freeSpace: new UnknownFreeSpace(),
      storedSize: new PostgresStoredSize(client),
    };
  }
  const client = new WorkerClient({ dataDir: options.dataDir }, events);
  return {
    log: new BatchedLogStore(new WorkerBatchStore(client)),
    snapshots: new WorkerSnapshotStore(client),
    freeSpace: new DirectoryFreeSpace(options.dataDir),
    storedSize: new DirectoryStoredSize(options.dataDir, [logFile, snapshotFile]),
  };
}

function storeEvents(failure: StorageFailure): StoreEvents {
  const logger = new Logger('Storage');
  return {
    onWarning: (message) => {
      logger.warn(message);
    },
    onFailure: (error) => {
      failure.report(error);
    },
  };
}
