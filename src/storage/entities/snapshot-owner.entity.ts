import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from './safe-integer.js';

/** The instance whose log these snapshots belong to: a log that was lost shows by it. One row, `id` 1. */
@Entity({ name: 'snapshot_owner' })
export class SnapshotOwnerEntity {
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  id: number;

  @Column({ name: 'instance_id', type: 'text' })
  instanceId: string;
}
