import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bytes } from './bytes.js';
import { safeInteger } from './safe-integer.js';

/** `local` and `received` are drafts; a dropped one waits for its chunks to be deleted. */
export type SnapshotState = 'local' | 'received' | 'complete' | 'dropped';

/** One snapshot. Only a complete one has a meaning; the numbers of the others are 0. */
@Entity({ name: 'snapshot' })
export class SnapshotEntity {
  /** Grows with every draft. */
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  id: number;

  @Column({ type: 'text' })
  state: SnapshotState;

  @Column({ name: 'last_included_index', type: 'bigint', transformer: safeInteger })
  lastIncludedIndex: number;

  @Column({ name: 'last_included_term', type: 'bigint', transformer: safeInteger })
  lastIncludedTerm: number;

  @Column({ name: 'last_included_time_ms', type: 'bigint', transformer: safeInteger })
  lastIncludedTimeMs: number;

  /** The encoded members. */
  @Column({ type: bytes })
  configuration: Buffer;

  @Column({ name: 'chunk_count', type: 'bigint', transformer: safeInteger })
  chunkCount: number;

  @Column({ name: 'byte_count', type: 'bigint', transformer: safeInteger })
  byteCount: number;

  /** CRC-32 of everything above but the state. */
  @Column({ type: 'bigint', transformer: safeInteger })
  checksum: number;

  @Column({ name: 'format_version', type: 'bigint', transformer: safeInteger })
  formatVersion: number;
}
