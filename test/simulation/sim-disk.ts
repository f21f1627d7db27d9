import { at } from '../../src/lib/assert.js';
import type { LogWrite } from '../../src/ports/log-store.port.js';
import { encodeConfiguration } from '../../src/raft/index.js';
import type {
  Configuration,
  DurableState,
  Entry,
  HardState,
  InstanceId,
  LogIndex,
  NodeId,
  SnapshotMetadata,
  Term,
} from '../../src/raft/index.js';
import { emptyHardState } from '../../src/raft/index.js';
import { holds } from './checkers/violation.js';

export interface StoredSnapshot {
  readonly metadata: SnapshotMetadata;
  readonly chunks: readonly Uint8Array[];
}

/** What a data directory would hold after a crash now: only what is durable. */
export class SimDisk {
  /** Starts so far. */
  bootNumber = 0;
  hardState: HardState | null = null;
  entries: readonly Entry[] = [];
  /** The two that reach furthest, the furthest last: an own snapshot may end after a received one that reaches further. */
  snapshots: readonly StoredSnapshot[] = [];

  /** A byte of what is stored changed: the next start finds it and refuses. */
  isDamaged = false;

  /** Where the stored log ends, also when it was reset or compacted and holds no entry. */
  private endIndex: LogIndex = 0;

  constructor(
    readonly nodeId: NodeId,
    readonly instanceId: InstanceId,
  ) {}

  /** The disk of a node that was there when the cluster began: all voters hold the same first entry, committed. */
  static founded(nodeId: NodeId, instanceId: InstanceId, configuration: Configuration): SimDisk {
    const disk = new SimDisk(nodeId, instanceId);
    const data = encodeConfiguration(configuration);
    disk.entries = [{ index: 1, term: 1, kind: 'configuration', timeMs: 0, proposal: null, data }];
    disk.endIndex = 1;
    disk.hardState = { currentTerm: 1, votedFor: null, commitIndex: 1 };
    return disk;
  }

  /** What the next start finds. */
  get durable(): DurableState {
    const snapshot = this.latestSnapshot?.metadata ?? null;
    return { hardState: this.hardState ?? emptyHardState, snapshot, entries: this.entries };
  }

  get latestSnapshot(): StoredSnapshot | undefined {
    return this.snapshots.at(-1);
  }

  get lastIndex(): LogIndex {
    return this.entries.at(-1)?.index ?? 0;
  }

  get term(): Term {
    return this.hardState?.currentTerm ?? 0;
  }

  /** The stored entry at `index`; undefined where there is none. */
  entry(index: LogIndex): Entry | undefined {
    const first = this.entries[0];
    return first === undefined ? undefined : this.entries[index - first.index];
  }

  /** Whether a crash now would leave the entry (index, term), or a snapshot that holds it. */
  holds(index: LogIndex, term: Term): boolean {
    const snapshotIndex = this.latestSnapshot?.metadata.lastIncludedIndex ?? 0;
    return index <= snapshotIndex || this.entry(index)?.term === term;
  }

  write(write: LogWrite): void {
    if (write.reset !== null) {
      this.entries = [];
      this.endIndex = write.reset.index;
    }
    const first = write.entries[0];
    if (first !== undefined) {
      const gap = (): string => `${this.nodeId} stores entry ${first.index} after ${this.endIndex}`;
      holds(first.index <= this.endIndex + 1, 'I8', gap);
      this.endIndex = first.index + write.entries.length - 1;
      const kept = this.entries.filter((entry) => entry.index < first.index);
      this.entries = [...kept, ...write.entries];
    }
    this.hardState = write.hardState ?? this.hardState;
  }

  compact(index: LogIndex): void {
    this.entries = this.entries.filter((entry) => entry.index > index);
  }

  addSnapshot(metadata: SnapshotMetadata, chunks: readonly Uint8Array[]): void {
    const all = [...this.snapshots, { metadata, chunks }];
    all.sort((left, right) => left.metadata.lastIncludedIndex - right.metadata.lastIncludedIndex);
    this.snapshots = all.slice(-2);
  }

  readChunk(index: LogIndex, chunk: number): Uint8Array | null {
    const found = this.snapshots.findLast((snapshot) => snapshot.metadata.lastIncludedIndex === index);
    return found === undefined ? null : at(found.chunks, chunk);
  }
}
