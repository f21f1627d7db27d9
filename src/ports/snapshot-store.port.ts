import type { LogIndex, SnapshotMetadata } from '../raft/index.js';

/** A snapshot that is being written; a crash before {@link SnapshotStore.commit} leaves nothing of it. */
export type SnapshotDraft = 'local' | 'received';

/**
 * How the proof of a snapshot goes on.
 *
 * - `begin`: the proof of the snapshot at `index` begins; one that was not at its end is of no use.
 * - `chunk`: the next chunk is what was written; its memory is the listener's own.
 * - `end`: so were all of them.
 */
export type ProofStep =
  | { readonly kind: 'begin'; readonly index: LogIndex }
  | { readonly kind: 'chunk'; readonly data: Uint8Array }
  | { readonly kind: 'end' };

/** Resolves when the next step may follow. */
export type ProofListener = (step: ProofStep) => Promise<void>;

/** Wants to know nothing of proofs. */
export const ignoreProof: ProofListener = () => Promise.resolve();

/**
 * Keeps the snapshots of one node: at most one draft of either kind, and the two newest complete ones.
 *
 * Opened and closed together with the log store. Calls take effect in the order in which they were made.
 */
export abstract class SnapshotStore {
  /**
   * Told of a snapshot whose chunks are checked, while the log store opens or in {@link latest}: who wants its data has
   * them without reading them once more. A store need not tell.
   */
  onProof: ProofListener = ignoreProof;

  /** Metadata of the newest complete snapshot, or null. Checks its chunks against their checksums. */
  abstract latest(): Promise<SnapshotMetadata | null>;

  /** Starts a draft and discards an unfinished one of the same kind. */
  abstract begin(draft: SnapshotDraft): Promise<void>;

  /** Adds chunk number `chunk`, counting from 0 without gaps. Not durable before {@link commit}. */
  abstract write(draft: SnapshotDraft, chunk: number, data: Uint8Array): Promise<void>;

  /** Makes the draft the newest snapshot, at once and durable when the promise resolves; drops the third newest. */
  abstract commit(draft: SnapshotDraft, metadata: SnapshotMetadata): Promise<void>;

  /** Forgets an unfinished draft. */
  abstract discard(draft: SnapshotDraft): Promise<void>;

  /**
   * One chunk of the complete snapshot at `index`; null where there is none any more.
   *
   * @throws StorageError when the chunk does not match its checksum.
   */
  abstract read(index: LogIndex, chunk: number): Promise<Uint8Array | null>;
}
