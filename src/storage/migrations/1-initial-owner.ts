import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './column-types.js';

/** The epoch of the process that owns a schema; a file needs none. */
export class InitialOwner implements MigrationInterface {
  name = 'InitialOwner0000000000001';

  async up(runner: QueryRunner): Promise<void> {
    const { integer } = columnsFor(runner);
    await runner.createTable(
      new Table({ name: 'store_owner', columns: [{ ...integer('id'), isPrimary: true }, integer('epoch')] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('store_owner');
  }
}
