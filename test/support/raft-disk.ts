import { at } from '../../src/lib/assert.js';
import type { CoreWrite, DurableState, Entry, HardState, LogIndex, SnapshotMetadata } from '../../src/raft/index.js';

interface StoredSnapshot {
  readonly metadata: SnapshotMetadata;
  readonly chunks: readonly Uint8Array[];
}

/** What would survive a crash of a test node now. */
export class RaftDisk {
  bootNumber = 1;
  hardState: HardState;
  entries: Entry[];
  private snapshots: StoredSnapshot[];
  private draft: Uint8Array[] = [];

  constructor(stored: DurableState) {
    this.hardState = stored.hardState;
    this.entries = [...stored.entries];
    this.snapshots = stored.snapshot === null ? [] : [{ metadata: stored.snapshot, chunks: [new Uint8Array(1)] }];
  }

  /** What the next start finds. */
  get durable(): DurableState {
    return { hardState: this.hardState, snapshot: this.latest?.metadata ?? null, entries: this.entries };
  }

  get latest(): StoredSnapshot | undefined {
    return this.snapshots.at(-1);
  }

  get lastIndex(): LogIndex {
    return this.entries.at(-1)?.index ?? this.latest?.metadata.lastIncludedIndex ?? 0;
  }

  write(write: CoreWrite): void {
    if (write.reset !== null) {
      this.entries = [];
    }
    const first = write.entries[0];
    if (first !== undefined) {
      this.entries = [...this.entries.filter((entry) => entry.index < first.index), ...write.entries];
    }
    this.hardState = write.hardState ?? this.hardState;
  }

  compact(index: LogIndex): void {
    this.entries = this.entries.filter((entry) => entry.index > index);
  }

  saveSnapshot(metadata: SnapshotMetadata, chunks: readonly Uint8Array[]): void {
    this.snapshots = [...this.snapshots, { metadata, chunks }].slice(-2);
  }

  readChunk(index: LogIndex, chunk: number): Uint8Array | null {
    const found = this.snapshots.find((snapshot) => snapshot.metadata.lastIncludedIndex === index);
    return found === undefined ? null : at(found.chunks, chunk);
  }

  /** Chunk 0 starts a new draft. */
  storeChunk(chunk: number, data: Uint8Array): void {
    this.draft = chunk === 0 ? [data] : [...this.draft, data];
  }

  /** Makes the draft the newest snapshot. @returns Its chunks. */
  commitDraft(metadata: SnapshotMetadata): readonly Uint8Array[] {
    this.saveSnapshot(metadata, this.draft);
    return this.draft;
  }
}
