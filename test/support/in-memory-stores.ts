import { assert, at } from '../../src/lib/assert.js';
import { isLaterEpoch } from '../../src/lib/cluster-epoch.js';
import { Deferred } from '../../src/lib/deferred.js';
import type { LogWrite, StoredIdentity, StoredLog } from '../../src/ports/log-store.port.js';
import { LogStore, emptyWrite } from '../../src/ports/log-store.port.js';
import type { SnapshotDraft } from '../../src/ports/snapshot-store.port.js';
import { SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import type { Entry, LogIndex, NodeId, SnapshotMetadata } from '../../src/raft/index.js';
import { requireConsecutive } from '../../src/storage/batch-codec.js';
import { positionAfter } from '../../src/storage/log-position.js';
import type { LogPosition } from '../../src/storage/log-position.js';
import { StorageError, closed } from '../../src/storage/storage.errors.js';

/** Both stores of one process. */
export interface InMemoryStores {
  readonly log: InMemoryLogStore;
  readonly snapshots: InMemorySnapshotStore;
}

interface StoredSnapshot {
  readonly metadata: SnapshotMetadata;
  readonly chunks: readonly Uint8Array[];
}

const generationsMax = 2;

/**
 * A disk that outlives the processes that use it. At any time at most one process does: the stores of the last
 * {@link InMemoryDisk.start}.
 */
export class InMemoryDisk {
  identity: StoredIdentity | null = null;
  position: LogPosition = { base: { index: 0, term: 0 }, lastIndex: 0, lastTerm: 0, hardState: null };
  entries: readonly Entry[] = [];
  /** Complete snapshots, newest first. */
  snapshots: readonly StoredSnapshot[] = [];
  private process: DiskProcess | null = null;
  private gate: Deferred<null> | null = null;
  private fault: StorageError | null = null;

  /** Stores for a new process, which must open them. The one before has crashed or closed its stores. */
  start(): InMemoryStores {
    this.crash();
    const process = new DiskProcess(this);
    this.process = process;
    return { log: new InMemoryLogStore(this, process), snapshots: new InMemorySnapshotStore(this, process) };
  }

  /** Ends the process: what it has not finished is lost, and its calls are never answered. */
  crash(): void {
    this.process?.kill();
    this.process = null;
  }

  /** From now on calls wait before they take effect, until {@link InMemoryDisk.release}. */
  hold(): void {
    this.gate ??= new Deferred();
  }

  release(): void {
    this.gate?.resolve(null);
    this.gate = null;
  }

  /** Lets the next call fail with `fault` instead of taking effect. */
  failNext(fault: StorageError): void {
    this.fault = fault;
  }

  /** What a call waits for before it takes effect. */
  async turn(): Promise<void> {
    while (this.gate !== null) {
      await this.gate.promise;
    }
    const fault = this.fault;
    this.fault = null;
    if (fault !== null) {
      throw fault;
    }
  }
}

/** The calls of one process, in order. */
class DiskProcess {
  private tail: Promise<unknown> = Promise.resolve();
  private isDead = false;
  private isClosed = false;
  isOpen = false;

  constructor(private readonly disk: InMemoryDisk) {}

  kill(): void {
    this.isDead = true;
  }

  run<T>(task: () => T): Promise<T> {
    if (this.isClosed) {
      return Promise.reject(closed());
    }
    const outcome = new Deferred<T>();
    this.tail = this.tail.then(() => this.settle(outcome, task));
    return outcome.promise;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.tail;
  }

  private async settle<T>(outcome: Deferred<T>, task: () => T): Promise<void> {
    try {
      await this.disk.turn();
      if (!this.isDead) {
        outcome.resolve(task());
      }
    } catch (error) {
      if (!this.isDead) {
        outcome.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}

/** A {@link LogStore} without a database. */
export class InMemoryLogStore extends LogStore {
  private refusal: Error | null = closed();

  constructor(
    private readonly disk: InMemoryDisk,
    private readonly process: DiskProcess,
  ) {
    super();
  }

  open(nodeId: NodeId): Promise<StoredLog> {
    return this.process.run(() => {
      const { identity, position, entries } = this.disk;
      if (identity !== null && identity.nodeId !== nodeId) {
        throw new StorageError('FOREIGN', `the data belong to node ${identity.nodeId}, not to ${nodeId}`);
      }
      const bootNumber = (identity?.bootNumber ?? 0) + 1;
      const instanceId = identity?.instanceId ?? newInstanceId();
      this.disk.identity = { nodeId, instanceId, clusterId: identity?.clusterId ?? null, bootNumber };
      this.refusal = null;
      this.process.isOpen = true;
      return { identity: this.disk.identity, hardState: position.hardState, entries: entries.map(copyEntry) };
    });
  }

  write(write: LogWrite): Promise<void> {
    const entries = write.entries.map(copyEntry);
    return this.change(() => {
      this.store({ ...write, entries });
    });
  }

  private store({ reset, hardState, entries }: LogWrite): void {
    requireConsecutive(entries);
    const first = entries[0];
    const last = entries.at(-1);
    const spans =
      first === undefined || last === undefined
        ? []
        : [{ firstIndex: first.index, lastIndex: last.index, lastTerm: last.term }];
    this.disk.position = positionAfter(this.disk.position, { reset, batches: spans, hardState });
    const kept = reset === null ? this.disk.entries : [];
    const below = first === undefined ? kept : kept.filter((entry) => entry.index < first.index);
    this.disk.entries = [...below, ...entries];
  }

  setClusterId(clusterId: string, write: LogWrite = emptyWrite): Promise<void> {
    return this.change(() => {
      const { identity } = this.disk;
      assert(identity !== null, 'an open log has an identity');
      const { clusterId: current } = identity;
      const isFitting = current === null || current === clusterId || isLaterEpoch(clusterId, current);
      assert(isFitting, 'a node belongs to one cluster for good');
      this.store(write);
      this.disk.identity = { ...identity, clusterId };
    });
  }

  compact(index: LogIndex): Promise<void> {
    return this.change(() => {
      const { position, entries } = this.disk;
      const last = entries.filter((entry) => entry.index <= index).at(-1);
      if (last !== undefined) {
        this.disk.position = { ...position, base: { index: last.index, term: last.term } };
        this.disk.entries = entries.filter((entry) => entry.index > index);
      }
    });
  }

  close(): Promise<void> {
    return this.process.close();
  }

  private change(task: () => void): Promise<void> {
    return this.process
      .run(() => {
        if (this.refusal !== null) {
          throw this.refusal;
        }
        task();
      })
      .catch((error: unknown) => {
        this.refusal = error instanceof Error ? error : new Error(String(error));
        throw error;
      });
  }
}

/** A {@link SnapshotStore} without a database. */
export class InMemorySnapshotStore extends SnapshotStore {
  private readonly drafts = new Map<SnapshotDraft, Uint8Array[]>();

  constructor(
    private readonly disk: InMemoryDisk,
    private readonly process: DiskProcess,
  ) {
    super();
  }

  latest(): Promise<SnapshotMetadata | null> {
    return this.run(() => this.disk.snapshots[0]?.metadata ?? null);
  }

  begin(draft: SnapshotDraft): Promise<void> {
    return this.run(() => {
      this.drafts.set(draft, []);
    });
  }

  write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void> {
    const copy = new Uint8Array(data);
    return this.run(() => {
      const chunks = this.openDraft(draft);
      assert(chunk === chunks.length, `chunk ${chunks.length} of the snapshot is due, not ${chunk}`);
      chunks.push(copy);
    });
  }

  commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void> {
    return this.run(() => {
      const chunks = this.openDraft(draft);
      assert(chunks.length > 0 && chunks.length === metadata.chunkCount, 'a snapshot has the chunks that it claims');
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      assert(bytes === metadata.byteCount, 'a snapshot has the bytes that it claims');
      const others = this.disk.snapshots.filter(
        (other) => other.metadata.lastIncludedIndex !== metadata.lastIncludedIndex,
      );
      this.disk.snapshots = [{ metadata, chunks }, ...others]
        .sort((a, b) => b.metadata.lastIncludedIndex - a.metadata.lastIncludedIndex)
        .slice(0, generationsMax);
      this.drafts.delete(draft);
    });
  }

  discard(draft: SnapshotDraft): Promise<void> {
    return this.run(() => {
      this.drafts.delete(draft);
    });
  }

  read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    return this.run(() => {
      const found = this.disk.snapshots.find((snapshot) => snapshot.metadata.lastIncludedIndex === index);
      const isThere = found !== undefined && chunk >= 0 && chunk < found.chunks.length;
      return isThere ? new Uint8Array(at(found.chunks, chunk)) : null;
    });
  }

  private run<T>(task: () => T): Promise<T> {
    return this.process.run(() => {
      if (!this.process.isOpen) {
        throw closed();
      }
      return task();
    });
  }

  private openDraft(draft: SnapshotDraft): Uint8Array[] {
    const chunks = this.drafts.get(draft);
    assert(chunks !== undefined, `no ${draft} snapshot was begun`);
    return chunks;
  }
}

let instancesMade = 0;

/** In the form of a real one; counted, so that a run can be repeated. */
function newInstanceId(): string {
  instancesMade += 1;
  return instancesMade.toString(16).padStart(32, '0');
}

function copyEntry(entry: Entry): Entry {
  return { ...entry, data: new Uint8Array(entry.data) };
}
