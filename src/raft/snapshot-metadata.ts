import type { Configuration } from './membership/configuration.js';
import type { LogIndex, Term } from './types.js';

/** Describes a snapshot; its data are `chunkCount` chunks of bytes in the snapshot store. */
export interface SnapshotMetadata {
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: Term;
  /** `timeMs` of the last included entry. */
  readonly lastIncludedTimeMs: number;
  /** The members as of `lastIncludedIndex`. */
  readonly configuration: Configuration;
  /** Number of chunks, at least 1. */
  readonly chunkCount: number;
  /** Sum of the chunks' lengths. */
  readonly byteCount: number;
}
