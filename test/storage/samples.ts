import { Configuration } from '../../src/raft/index.js';
import type { Entry, HardState, LogIndex, SnapshotMetadata, Term } from '../../src/raft/index.js';
import type { SnapshotDraft, SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import type { LogWrite } from '../../src/ports/log-store.port.js';

/** A command whose data tell its place. */
export function entry(index: LogIndex, term: Term = 1): Entry {
  const data = new TextEncoder().encode(`${index}@${term}`);
  return { index, term, kind: 'command', timeMs: index * 10, proposal: { origin: 'i1/1', sequence: index }, data };
}

/** Consecutive entries, `first` and `last` included. */
export function entries({ first, last, term = 1 }: { first: LogIndex; last: LogIndex; term?: Term }): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => entry(first + offset, term));
}

export function hardState(currentTerm: Term, commitIndex: LogIndex = 0, votedFor: string | null = null): HardState {
  return { currentTerm, votedFor, commitIndex };
}

/** A write of entries in their own term. */
export function append(added: readonly Entry[], state: HardState | null = null): LogWrite {
  return { reset: null, entries: added, hardState: state };
}

/** `1@1 2@1 ...`: the entries by index and term, for short expectations. */
export function places(stored: readonly Entry[]): string {
  return stored.map(({ index, term }) => `${index}@${term}`).join(' ');
}

export const members = new Configuration([
  { id: 'n1', instanceId: 'i1', httpAddr: 'a:1', raftAddr: 'a:2', role: 'voter', promote: true },
  { id: 'n2', instanceId: 'i2', httpAddr: 'b:1', raftAddr: 'b:2', role: 'learner', promote: false },
]);

export function metadata(lastIncludedIndex: LogIndex, chunks: readonly Uint8Array[]): SnapshotMetadata {
  return {
    lastIncludedIndex,
    lastIncludedTerm: 1,
    lastIncludedTimeMs: lastIncludedIndex * 10,
    configuration: members,
    chunkCount: chunks.length,
    byteCount: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}

/** Chunks that differ from each other and from those of another index. */
export function chunksAt(index: LogIndex, count: number, bytes = 100): Uint8Array[] {
  return Array.from({ length: count }, (_, chunk) => new Uint8Array(bytes).fill((index * 7 + chunk) % 251));
}

/** Makes a whole snapshot. */
export async function takeSnapshot(
  store: SnapshotStore,
  index: LogIndex,
  { draft = 'local', chunks = chunksAt(index, 3) }: { draft?: SnapshotDraft; chunks?: Uint8Array[] } = {},
): Promise<void> {
  await store.begin(draft);
  for (const [number, chunk] of chunks.entries()) {
    await store.write(draft, number, chunk);
  }
  await store.commit(draft, metadata(index, chunks));
}
