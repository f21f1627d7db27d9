import { Inject, Logger, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { FreeSpace } from '../ports/free-space.port.js';
import { LogStore } from '../ports/log-store.port.js';
import { SnapshotStore } from '../ports/snapshot-store.port.js';
import { BatchedLogStore } from './batched-log-store.js';
import { DirectoryFreeSpace } from './directory-free-space.js';
import { StorageFailure } from './storage-failure.js';
import { WorkerClient } from './worker-client.js';
import { WorkerBatchStore, WorkerSnapshotStore } from './worker-store.js';

export interface StorageOptions {
  /** Folder of the node's data, made where it is missing. */
  readonly dataDir: string;
}

/**
 * Provides {@link FreeSpace}, {@link LogStore} and {@link SnapshotStore} on SQLite in a worker thread, and {@link StorageFailure}.
 *
 * Nothing is touched before `LogStore.open`, which also says what is wrong with the directory.
 */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(LogStore) private readonly log: LogStore) {}

  static register(options: StorageOptions): DynamicModule {
    return {
      module: StorageModule,
      providers: [
        StorageFailure,
        { provide: FreeSpace, useFactory: () => new DirectoryFreeSpace(options.dataDir) },
        {
          provide: WorkerClient,
          inject: [StorageFailure],
          useFactory: (failure: StorageFailure) => startClient(options, failure),
        },
        {
          provide: LogStore,
          inject: [WorkerClient],
          useFactory: (client: WorkerClient) => new BatchedLogStore(new WorkerBatchStore(client)),
        },
        {
          provide: SnapshotStore,
          inject: [WorkerClient],
          useFactory: (client: WorkerClient) => new WorkerSnapshotStore(client),
        },
      ],
      exports: [FreeSpace, LogStore, SnapshotStore, StorageFailure],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}

function startClient({ dataDir }: StorageOptions, failure: StorageFailure): WorkerClient {
  const logger = new Logger('Storage');
  return new WorkerClient(
    { dataDir },
    {
      onWarning: (message) => {
        logger.warn(message);
      },
      onFailure: (error) => {
        failure.report(error);
      },
    },
  );
}
