import type { QueryRunner, TableColumnOptions } from 'typeorm';

/** Makes the columns of a table in the words of the database at hand. */
export interface Columns {
  /** A safe integer. On SQLite a single primary one is the row's own number, so that appending needs no index. */
  readonly integer: (name: string) => TableColumnOptions;
  readonly text: (name: string) => TableColumnOptions;
  readonly bytes: (name: string) => TableColumnOptions;
}

export function columnsFor(runner: QueryRunner): Columns {
  const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
  return {
    integer: (name) => ({ name, type: isSqlite ? 'integer' : 'bigint' }),
    text: (name) => ({ name, type: 'text' }),
    bytes: (name) => ({ name, type: isSqlite ? 'blob' : 'bytea' }),
  };
}
