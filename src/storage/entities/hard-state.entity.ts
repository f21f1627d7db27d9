import { Column, Entity, PrimaryColumn } from 'typeorm';
import { optionalSafeInteger, safeInteger } from './safe-integer.js';

/** Term, vote and commit index (Raft paper, Figure 2). At most one row, `id` 1. */
@Entity({ name: 'hard_state' })
export class HardStateEntity {
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  id: number;

  @Column({ name: 'current_term', type: 'bigint', transformer: safeInteger })
  currentTerm: number;

  @Column({ name: 'voted_for', type: 'text', nullable: true })
  votedFor: string | null;

  /** Never above the last entry of the transaction that wrote it. */
  @Column({ name: 'commit_index', type: 'bigint', transformer: safeInteger })
  commitIndex: number;

  /** Of the other values, see row-checksum.ts. Null in a row of a version that wrote none. */
  @Column({ type: 'bigint', nullable: true, transformer: optionalSafeInteger })
  checksum: number | null;
}
