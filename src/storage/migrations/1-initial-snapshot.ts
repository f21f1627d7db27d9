import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './column-types.js';

/** Tables of the snapshots and their chunks. */
export class InitialSnapshot implements MigrationInterface {
  name = 'InitialSnapshot0000000000001';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, text, bytes } = columnsFor(runner);
    await runner.createTable(
      new Table({
        name: 'snapshot',
        columns: [
          { ...integer('id'), isPrimary: true },
          text('state'),
          integer('last_included_index'),
          integer('last_included_term'),
          integer('last_included_time_ms'),
          bytes('configuration'),
          integer('chunk_count'),
          integer('byte_count'),
          integer('checksum'),
          integer('format_version'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'snapshot_chunk',
        columns: [
          { ...integer('snapshot_id'), isPrimary: true },
          { ...integer('chunk'), isPrimary: true },
          integer('checksum'),
          bytes('data'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'snapshot_owner',
        columns: [{ ...integer('id'), isPrimary: true }, text('instance_id')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['snapshot_owner', 'snapshot_chunk', 'snapshot']) {
      await runner.dropTable(table);
    }
  }
}
