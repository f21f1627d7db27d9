import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bytes } from './bytes.js';
import { safeInteger } from './safe-integer.js';

/** One piece of a snapshot's data. */
@Entity({ name: 'snapshot_chunk' })
export class SnapshotChunkEntity {
  @PrimaryColumn({ name: 'snapshot_id', type: 'bigint', transformer: safeInteger })
  snapshotId: number;

  /** Number of the chunk, counting from 0. */
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  chunk: number;

  /** CRC-32 of the snapshot's id, the number of the chunk and `data`: a chunk in another's place does not match. */
  @Column({ type: 'bigint', transformer: safeInteger })
  checksum: number;

  @Column({ type: bytes })
  data: Buffer;
}
