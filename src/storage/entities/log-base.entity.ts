import { Column, Entity, PrimaryColumn } from 'typeorm';
import { optionalSafeInteger, safeInteger } from './safe-integer.js';

/**
 * The position right before the first row of the log: where a snapshot replaced it, or the last entry that
 * compaction dropped. No row: the log begins at index 1. At most one row, `id` 1.
 */
@Entity({ name: 'log_base' })
export class LogBaseEntity {
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  id: number;

  @Column({ name: 'base_index', type: 'bigint', transformer: safeInteger })
  baseIndex: number;

  @Column({ name: 'base_term', type: 'bigint', transformer: safeInteger })
  baseTerm: number;

  /** Of the other values, see row-checksum.ts. Null in a row of a version that wrote none. */
  @Column({ type: 'bigint', nullable: true, transformer: optionalSafeInteger })
  checksum: number | null;
}
