import { Column, Entity, PrimaryColumn } from 'typeorm';
import { optionalSafeInteger, safeInteger } from './safe-integer.js';

/** Whose data these are. One row, `id` 1, written when the data are opened for the first time. */
@Entity({ name: 'node_identity' })
export class NodeIdentityEntity {
  @PrimaryColumn({ type: 'bigint', transformer: safeInteger })
  id: number;

  @Column({ name: 'node_id', type: 'text' })
  nodeId: string;

  /** 16 random bytes as hexadecimal digits. */
  @Column({ name: 'instance_id', type: 'text' })
  instanceId: string;

  /** Null until the node has founded or joined a cluster. */
  @Column({ name: 'cluster_id', type: 'text', nullable: true })
  clusterId: string | null;

  /** Number of starts on these data. */
  @Column({ name: 'boot_number', type: 'bigint', transformer: safeInteger })
  bootNumber: number;

  /** Of the other values, see row-checksum.ts. Null in a row of a version that wrote none. */
  @Column({ type: 'bigint', nullable: true, transformer: optionalSafeInteger })
  checksum: number | null;
}
