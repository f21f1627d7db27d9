import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogStore } from '../../src/ports/log-store.port.js';
import type { SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import { BatchedLogStore } from '../../src/storage/batched-log-store.js';
import type { StorageError } from '../../src/storage/storage.errors.js';
import { WorkerClient } from '../../src/storage/worker-client.js';
import { WorkerBatchStore, WorkerSnapshotStore } from '../../src/storage/worker-store.js';
import { InMemoryDisk } from '../support/in-memory-stores.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';

/** The stores of one process, not yet open. */
export interface StartedStores {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
}

/** Data of one node and the processes that use it one after the other. */
export interface StoreFixture {
  /** Stores of a new process. */
  start(): StartedStores;
  /** Ends the running process as a loss of power would, with calls unfinished. */
  crash(): Promise<void>;
  /** Ends what runs and removes the data. */
  remove(): Promise<void>;
}

export class InMemoryFixture implements StoreFixture {
  readonly disk = new InMemoryDisk();

  start(): StartedStores {
    return this.disk.start();
  }

  crash(): Promise<void> {
    this.disk.crash();
    return Promise.resolve();
  }

  remove(): Promise<void> {
    this.disk.crash();
    return Promise.resolve();
  }
}

/** A data directory that a crash copies as it is at that moment, write-ahead logs included. */
abstract class DirectoryFixture implements StoreFixture {
  readonly warnings: string[] = [];
  private readonly root = mkdtempSync(join(tmpdir(), 'raftdb-storage-'));
  private generation = 0;

  get dataDir(): string {
    return join(this.root, `data-${this.generation}`);
  }

  abstract start(): StartedStores;

  /** Closes whatever is open. */
  abstract stop(): Promise<void>;

  async crash(): Promise<void> {
    const before = this.dataDir;
    this.generation += 1;
    cpSync(before, this.dataDir, { recursive: true });
    await this.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** SQLite on this thread. */
export class SqliteFixture extends DirectoryFixture {
  private readonly started: LocalSqliteStores[] = [];

  start(): LocalSqliteStores {
    const stores = new LocalSqliteStores(this.dataDir, (message) => this.warnings.push(message));
    this.started.push(stores);
    return stores;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.started.splice(0).map((stores) => stores.log.close()));
  }
}

/** SQLite in the real worker, which runs the compiled files. */
export class WorkerFixture extends DirectoryFixture {
  readonly failures: StorageError[] = [];
  private readonly clients: WorkerClient[] = [];

  start(): StartedStores & { readonly client: WorkerClient } {
    const client = new WorkerClient(
      { dataDir: this.dataDir },
      {
        onWarning: (message) => this.warnings.push(message),
        onFailure: (error) => this.failures.push(error),
      },
    );
    this.clients.push(client);
    const log = new BatchedLogStore(new WorkerBatchStore(client));
    return { client, log, snapshots: new WorkerSnapshotStore(client) };
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.clients.splice(0).map((client) => client.close()));
  }
}
