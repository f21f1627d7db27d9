import type { Entry, LogIndex, NodeId } from '../raft/index.js';
import { LogStore } from '../ports/log-store.port.js';
import { emptyWrite } from '../ports/log-store.port.js';
import type { LogWrite, StoredLog } from '../ports/log-store.port.js';
import { decodeBatch, encodeBatches } from './batch-codec.js';
import type { BatchStore, BatchWrite } from './batch-store.js';
import { corrupt } from './storage.errors.js';

/** The log store that others see: encodes what goes to a {@link BatchStore} and checks what comes from it. */
export class BatchedLogStore extends LogStore {
  constructor(private readonly batches: BatchStore) {
    super();
    batches.onOutage = (error) => {
      this.onOutage(error);
    };
  }

  async open(nodeId: NodeId): Promise<StoredLog> {
    const entries: Entry[] = [];
    const { identity, hardState } = await this.batches.open(nodeId, (batch) => {
      for (const entry of decodeBatch(batch)) {
        requireOrder(entries.at(-1), entry);
        entries.push(entry);
      }
    });
    return { identity, hardState, entries };
  }

  async write(write: LogWrite): Promise<void> {
    await this.batches.write(encodeWrite(write));
  }

  async setClusterId(clusterId: string, write: LogWrite = emptyWrite): Promise<void> {
    await this.batches.setClusterId(clusterId, encodeWrite(write));
  }

  async compact(index: LogIndex): Promise<void> {
    await this.batches.compact(index);
  }

  async close(): Promise<void> {
    await this.batches.close();
  }
}

function encodeWrite({ reset, entries, hardState }: LogWrite): BatchWrite {
  return { reset, batches: encodeBatches(entries), hardState };
}

/** Indexes follow each other because the batches do. */
function requireOrder(before: Entry | undefined, entry: Entry): void {
  if (before !== undefined && (entry.term < before.term || entry.timeMs < before.timeMs)) {
    throw corrupt(`the term or time of entry ${entry.index} goes back`);
  }
}
