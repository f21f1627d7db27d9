import { createHash, randomBytes } from 'node:crypto';
import type { DataSourceOptions } from 'typeorm';
import { postgresNameBytesMax } from '../config/text-value.js';
import { logEntities, snapshotEntities } from './data-source.js';
import { InitialLog } from './migrations/1-initial-log.js';
import { RowChecksums } from './migrations/2-row-checksums.js';
import { InitialOwner } from './migrations/1-initial-owner.js';
import { InitialSnapshot } from './migrations/1-initial-snapshot.js';

/** Where a node keeps its data in Postgres. */
export interface PostgresOptions {
  readonly kind: 'postgres';
  /** As `pg` reads it, TLS options among its parameters. It may hold a password: it is never shown. */
  readonly url: string;
  /** Null: in the URL, in PGPASSWORD or not needed. */
  readonly password: string | null;
  /** The schema of this node alone. */
  readonly schema: string;
  /** Milliseconds after which a connection or a statement without an answer counts as lost. */
  readonly timeoutMs: number;
  /** Whether a server that could lose commits in a crash is taken all the same. */
  readonly acceptsWeak: boolean;
  /** Refuses a schema that is not there, and makes none. */
  readonly mustExist?: boolean;
}

/** A name for the sessions of this process, by which the server's operator and a later session find them. */
export function sessionName(schema: string): string {
  const suffix = ` ${randomBytes(6).toString('hex')}`;
  return `raftd ${schema}`.slice(0, postgresNameBytesMax - suffix.length) + suffix;
}

/** The key of the lock that a process holds on `what` of a schema for as long as it lives. */
export function lockKey(schema: string, what: 'log' | 'snapshots'): string {
  return createHash('sha256').update(`raftdb ${what} ${schema}`).digest().readBigInt64BE().toString();
}

/** One connection for the log and the owner. */
export function postgresLogOptions(options: PostgresOptions, name: string): DataSourceOptions {
  return {
    ...connectionOptions(options, name),
    entities: logEntities,
    migrations: [InitialLog, InitialOwner, RowChecksums],
    migrationsTableName: 'log_migrations',
  };
}

/** One connection for the snapshots. */
export function postgresSnapshotOptions(options: PostgresOptions, name: string): DataSourceOptions {
  return {
    ...connectionOptions(options, name),
    entities: snapshotEntities,
    migrations: [InitialSnapshot],
    migrationsTableName: 'snapshot_migrations',
  };
}

/** A connection that knows none of the tables. */
export function postgresPlainOptions(options: PostgresOptions): DataSourceOptions {
  return connectionOptions(options, sessionName(options.schema));
}

function connectionOptions({ url, password, schema, timeoutMs }: PostgresOptions, name: string) {
  return {
    type: 'postgres',
    url: withPassword(url, password),
    schema,
    applicationName: name,
    connectTimeoutMS: timeoutMs,
    poolSize: 1,
    poolErrorHandler: () => undefined,
    installExtensions: false,
    synchronize: false,
    logging: false,
    extra: { keepAlive: true, query_timeout: timeoutMs },
  } as const;
}

/** A password belongs into the URL: `pg` takes what the URL says, also that it has none, over what is beside it. */
function withPassword(url: string, password: string | null): string {
  if (password === null) {
    return url;
  }
  const whole = new URL(url);
  whole.searchParams.set('password', password);
  return whole.href;
}
