import { Logger } from '@nestjs/common';
import type { SnapshotDraft } from '../../src/ports/snapshot-store.port.js';
import { ignoreProof, SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import type { LogIndex, NodeId, SnapshotMetadata } from '../../src/raft/index.js';
import { BatchStore } from '../../src/storage/batch-store.js';
import type { BatchWrite, EntryBatch, OpenedLog } from '../../src/storage/batch-store.js';
import { BatchedLogStore } from '../../src/storage/batched-log-store.js';
import type { SqlStores } from '../../src/storage/sql-stores.js';
import { startSqliteStores } from '../../src/storage/sqlite-stores.js';
import { StorageWarnings } from '../../src/storage/storage-warnings.js';
import { closed } from '../../src/storage/storage.errors.js';

// The stores are a Nest application, which would tell of each start.
Logger.overrideLogger(false);

/** What the worker runs, on this thread: many tests need no thread of their own. */
export class LocalSqliteStores {
  readonly log: BatchedLogStore;
  readonly snapshots: SnapshotStore;

  constructor(dataDir: string, warn: (message: string) => void) {
    const holder = new Holder(dataDir, warn);
    this.log = new BatchedLogStore(new LocalBatchStore(holder));
    this.snapshots = new LocalSnapshotStore(holder);
  }
}

class Holder {
  onProof = ignoreProof;
  private stores: SqlStores | null = null;
  private opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataDir: string,
    private readonly warn: (message: string) => void,
  ) {}

  open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    const opened = this.startAndOpen(nodeId, take);
    this.opening = opened.catch(() => undefined);
    return opened;
  }

  get current(): SqlStores {
    if (this.stores === null) {
      throw closed();
    }
    return this.stores;
  }

  async close(): Promise<void> {
    await this.opening;
    await this.stores?.close();
  }

  private async startAndOpen(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    const isFirst = this.stores === null;
    const stores = this.stores ?? (await startSqliteStores(this.dataDir, new StorageWarnings(this.warn)));
    stores.snapshots.onProof = (step) => this.onProof(step);
    try {
      const opened = await stores.open(nodeId, take);
      this.stores = stores;
      return opened;
    } catch (error) {
      if (isFirst) {
        await stores.close();
      }
      throw error;
    }
  }
}

class LocalBatchStore extends BatchStore {
  constructor(private readonly holder: Holder) {
    super();
  }

  open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    return this.holder.open(nodeId, take);
  }

  async write(write: BatchWrite): Promise<void> {
    await this.holder.current.log.write(write);
  }

  async setClusterId(clusterId: string, write: BatchWrite): Promise<void> {
    await this.holder.current.log.setClusterId(clusterId, write);
  }

  async compact(index: LogIndex): Promise<void> {
    await this.holder.current.log.compact(index);
  }

  close(): Promise<void> {
    return this.holder.close();
  }
}

class LocalSnapshotStore extends SnapshotStore {
  constructor(private readonly holder: Holder) {
    super();
    holder.onProof = (step) => this.onProof(step);
  }

  async latest(): Promise<SnapshotMetadata | null> {
    return this.holder.current.snapshots.latest();
  }

  async begin(draft: SnapshotDraft): Promise<void> {
    await this.holder.current.snapshots.begin(draft);
  }

  async write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void> {
    await this.holder.current.snapshots.write(draft, chunk, new Uint8Array(data));
  }

  async commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void> {
    await this.holder.current.snapshots.commit(draft, metadata);
  }

  async discard(draft: SnapshotDraft): Promise<void> {
    await this.holder.current.snapshots.discard(draft);
  }

  async read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    return this.holder.current.snapshots.read(index, chunk);
  }
}
