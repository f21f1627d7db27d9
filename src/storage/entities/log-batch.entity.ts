import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bytes } from './bytes.js';
import { safeInteger } from './safe-integer.js';

/** A run of consecutive entries. The rows in order of `firstIndex` are the log, without gap or overlap. */
@Entity({ name: 'log_batch' })
export class LogBatchEntity {
  @PrimaryColumn({ name: 'first_index', type: 'bigint', transformer: safeInteger })
  firstIndex: number;

  @Column({ name: 'last_index', type: 'bigint', transformer: safeInteger })
  lastIndex: number;

  /** Term of the last entry. */
  @Column({ name: 'last_term', type: 'bigint', transformer: safeInteger })
  lastTerm: number;

  @Column({ name: 'entry_count', type: 'bigint', transformer: safeInteger })
  entryCount: number;

  @Column({ name: 'byte_length', type: 'bigint', transformer: safeInteger })
  byteLength: number;

  /** CRC-32 of `payload`. */
  @Column({ type: 'bigint', transformer: safeInteger })
  checksum: number;

  /** Version of the form of `payload`. */
  @Column({ name: 'format_version', type: 'bigint', transformer: safeInteger })
  formatVersion: number;

  @Column({ type: bytes })
  payload: Buffer;
}
