import { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotDraft } from '../ports/snapshot-store.port.js';
import type { LogIndex, NodeId, SnapshotMetadata } from '../raft/index.js';
import { BatchStore } from './batch-store.js';
import type { BatchWrite, EntryBatch, OpenedLog } from './batch-store.js';
import type { PostgresClient } from './postgres-client.js';

/** The log in Postgres. */
export class PostgresBatchStore extends BatchStore {
  constructor(private readonly client: PostgresClient) {
    super();
    client.onOutage = (error) => {
      this.onOutage(error);
    };
  }

  open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    return this.client.open(nodeId, take);
  }

  write(write: BatchWrite): Promise<void> {
    return this.client.call(({ log }) => log.write(write));
  }

  setClusterId(clusterId: string, write: BatchWrite): Promise<void> {
    return this.client.call(({ log }) => log.setClusterId(clusterId, write));
  }

  compact(index: LogIndex): Promise<void> {
    return this.client.call(({ log }) => log.compact(index));
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** The snapshots in Postgres. A read that fails is its caller's affair. */
export class PostgresSnapshotStore extends SnapshotStore {
  constructor(private readonly client: PostgresClient) {
    super();
    client.onProof = (step) => this.onProof(step);
  }

  latest(): Promise<SnapshotMetadata | null> {
    return this.client.call(({ snapshots }) => snapshots.latest(), true);
  }

  begin(draft: SnapshotDraft): Promise<void> {
    return this.client.call(({ snapshots }) => snapshots.begin(draft));
  }

  write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void> {
    // It is sent later, and what lies behind a view may be written over by then.
    const own = new Uint8Array(data);
    return this.client.call(({ snapshots }) => snapshots.write(draft, chunk, own));
  }

  commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void> {
    return this.client.call(({ snapshots }) => snapshots.commit(draft, metadata));
  }

  discard(draft: SnapshotDraft): Promise<void> {
    return this.client.call(({ snapshots }) => snapshots.discard(draft));
  }

  read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    return this.client.call(({ snapshots }) => snapshots.read(index, chunk), true);
  }
}
