import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { PostgresFixture } from './postgres-fixture.js';
import { SqliteFixture } from './store-fixture.js';
import type { StoreFixture } from './store-fixture.js';

export type DatabaseName = 'log' | 'snapshot';

/** Stored data that somebody changes while no process uses them. */
export interface DamageFixture extends StoreFixture {
  readonly warnings: readonly string[];

  /** Runs statements; MIGRATIONS in them stands for the table of the migrations that were run. */
  change(database: DatabaseName, ...statements: readonly string[]): Promise<void>;

  /** A column of bytes with its last byte changed, as an expression. */
  flipped(column: string): string;

  /** Bytes as an expression. */
  literal(bytes: Uint8Array): string;

  /** Everything that is stored, for comparisons. */
  content(): Promise<unknown>;
}

export class SqliteDamageFixture extends SqliteFixture implements DamageFixture {
  path(file: string): string {
    return join(this.dataDir, file);
  }

  async change(database: DatabaseName, ...statements: readonly string[]): Promise<void> {
    const dataSource = new DataSource({ type: 'better-sqlite3', database: this.path(`${database}.db`) });
    await dataSource.initialize();
    for (const statement of statements) {
      await dataSource.query(statement.replaceAll('MIGRATIONS', 'migrations'));
    }
    await dataSource.destroy();
  }

  flipped(column: string): string {
    return `CAST(substr(${column}, 1, length(${column}) - 1) || x'ff' AS BLOB)`;
  }

  literal(bytes: Uint8Array): string {
    return `x'${Buffer.from(bytes).toString('hex')}'`;
  }

  /** The bytes of the files. */
  content(): Promise<readonly string[]> {
    return Promise.resolve(['log.db', 'snapshot.db'].map((file) => readFileSync(this.path(file), 'base64')));
  }
}

/** What a start writes down of itself, and is no data: whose turn it is. */
const tablesOfTheStart = ['store_owner'];

export class PostgresDamageFixture extends PostgresFixture implements DamageFixture {
  async change(database: DatabaseName, ...statements: readonly string[]): Promise<void> {
    const all = statements.map((statement) => statement.replaceAll('MIGRATIONS', `${database}_migrations`));
    await this.server.query([`SET search_path TO ${this.schema}`, ...all].join(';\n'));
  }

  flipped(column: string): string {
    const last = `length(${column}) - 1`;
    return `set_byte(${column}, ${last}, get_byte(${column}, ${last}) # 255)`;
  }

  literal(bytes: Uint8Array): string {
    return `'\\x${Buffer.from(bytes).toString('hex')}'::bytea`;
  }

  /** The rows of all tables. */
  async content(): Promise<Readonly<Record<string, readonly string[]>>> {
    const tables = await this.server.query('SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [
      this.schema,
    ]);
    const content: Record<string, readonly string[]> = {};
    for (const table of tables.map((row) => String(row.tablename)).filter((name) => !tablesOfTheStart.includes(name))) {
      const rows = await this.server.query(`SELECT t::text AS row FROM ${this.schema}.${table} t ORDER BY 1`);
      content[table] = rows.map((row) => String(row.row));
    }
    return content;
  }
}
