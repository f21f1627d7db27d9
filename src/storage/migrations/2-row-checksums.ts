import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './column-types.js';

const tables = ['hard_state', 'log_base', 'node_identity'] as const;

/** A checksum for each row that had none. It is null until the row is written again. */
export class RowChecksums implements MigrationInterface {
  name = 'RowChecksums0000000000002';

  async up(runner: QueryRunner): Promise<void> {
    const { type } = columnsFor(runner).integer('checksum');
    for (const table of tables) {
      // TypeORM would copy the whole table on SQLite.
      await runner.query(`ALTER TABLE ${table} ADD COLUMN checksum ${type}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`ALTER TABLE ${table} DROP COLUMN checksum`);
    }
  }
}
