import { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { SnapshotDraft } from '../ports/snapshot-store.port.js';
import type { LogIndex, NodeId, SnapshotMetadata } from '../raft/index.js';
import { BatchStore } from './batch-store.js';
import type { BatchWrite, EntryBatch, OpenedLog } from './batch-store.js';
import type { WorkerClient } from './worker-client.js';
import { fromWireMetadata, ownMemory, toWireMetadata } from './worker-protocol.js';

/** The log in the worker. Opening and closing it opens and closes the snapshots there too. */
export class WorkerBatchStore extends BatchStore {
  constructor(private readonly client: WorkerClient) {
    super();
  }

  open(nodeId: NodeId, take: (batch: EntryBatch) => void): Promise<OpenedLog> {
    return this.client.open(nodeId, take);
  }

  async write(write: BatchWrite): Promise<void> {
    await this.client.call(
      'write',
      write,
      write.batches.flatMap(({ payload }) => ownMemory(payload)),
    );
  }

  async setClusterId(clusterId: string, write: BatchWrite): Promise<void> {
    await this.client.call('setClusterId', { clusterId, write });
  }

  async compact(index: LogIndex): Promise<void> {
    await this.client.call('compact', { index });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** The snapshots in the worker. */
export class WorkerSnapshotStore extends SnapshotStore {
  constructor(private readonly client: WorkerClient) {
    super();
    client.onProof = (step) => this.onProof(step);
  }

  async latest(): Promise<SnapshotMetadata | null> {
    const metadata = await this.client.call('latestSnapshot', null);
    return metadata === null ? null : fromWireMetadata(metadata);
  }

  async begin(draft: SnapshotDraft): Promise<void> {
    await this.client.call('beginSnapshot', { draft });
  }

  async write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void> {
    // A message carries the whole buffer behind a view, which may be a frame of many messages: copy the view alone.
    const own = data.byteLength === data.buffer.byteLength ? data : new Uint8Array(data);
    await this.client.call('writeChunk', { draft, chunk, data: own });
  }

  async commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void> {
    await this.client.call('commitSnapshot', { draft, metadata: toWireMetadata(metadata) });
  }

  async discard(draft: SnapshotDraft): Promise<void> {
    await this.client.call('discardSnapshot', { draft });
  }

  async read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    return this.client.call('readChunk', { index, chunk });
  }
}
