import type { QueryRunner } from 'typeorm';

/** What a query for one row gives in its column `value`; undefined where it gives no row. */
export async function readValue(runner: QueryRunner, sql: string): Promise<unknown> {
  const rows = (await runner.query(sql)) as readonly { readonly value: unknown }[];
  return rows[0]?.value;
}
