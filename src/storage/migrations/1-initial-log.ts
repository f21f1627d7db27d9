import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './column-types.js';

/** Tables of the log, the hard state and the identity. */
export class InitialLog implements MigrationInterface {
  name = 'InitialLog0000000000001';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, text, bytes } = columnsFor(runner);
    await runner.createTable(
      new Table({
        name: 'log_batch',
        columns: [
          { ...integer('first_index'), isPrimary: true },
          integer('last_index'),
          integer('last_term'),
          integer('entry_count'),
          integer('byte_length'),
          integer('checksum'),
          integer('format_version'),
          bytes('payload'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'hard_state',
        columns: [
          { ...integer('id'), isPrimary: true },
          integer('current_term'),
          { ...text('voted_for'), isNullable: true },
          integer('commit_index'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'log_base',
        columns: [{ ...integer('id'), isPrimary: true }, integer('base_index'), integer('base_term')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'node_identity',
        columns: [
          { ...integer('id'), isPrimary: true },
          text('node_id'),
          text('instance_id'),
          { ...text('cluster_id'), isNullable: true },
          integer('boot_number'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['node_identity', 'log_base', 'hard_state', 'log_batch']) {
      await runner.dropTable(table);
    }
  }
}
