import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions, QueryRunner } from 'typeorm';
import { toStorageError } from './classify-error.js';
import { bringUpToDate } from './data-source.js';
import { PostgresDialect } from './dialects/postgres.js';
import type { Owner } from './dialects/postgres.js';
import { lockKey, postgresLogOptions, postgresSnapshotOptions } from './postgres-options.js';
import { bytes } from './entities/bytes.js';
import type { PostgresOptions } from './postgres-options.js';
import { SqlSession } from './sql-session.js';
import { SqlStores } from './sql-stores.js';
import type { StorageWarnings } from './storage-warnings.js';
import { StorageError } from './storage.errors.js';

/** A lock may be held for this long by the session of a process that has just ended; milliseconds. */
const lockPatienceMs = 1000;
const lockRetryMs = 50;

/** How long a statement waits for a lock of a row or a table: nobody else should hold one. */
const lockTimeoutMs = 2000;

interface Connected {
  readonly dataSource: DataSource;
  readonly runner: QueryRunner;
  readonly dialect: PostgresDialect;
}

/** How the sessions of one process are told apart from those of others. */
export interface PostgresSessions {
  /** The sessions' name at the server. */
  readonly name: string;
  /** Whether this process had sessions before: those are ended first, they may hold the locks. */
  readonly areReplaced: boolean;
  /** Called when one of the sessions has ended, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * Connects twice, takes the locks of the schema, brings its tables up to date, and becomes their owner.
 *
 * @throws StorageError when the server or the schema cannot be used; nothing stays connected then.
 */
export async function startPostgresStores(
  options: PostgresOptions,
  sessions: PostgresSessions,
  warnings: StorageWarnings,
): Promise<SqlStores> {
  const opened: DataSource[] = [];
  const connect = async (dataSourceOptions: DataSourceOptions): Promise<Connected> => {
    const dataSource = new DataSource(dataSourceOptions);
    opened.unshift(dataSource);
    const connected = await openSession(dataSource, options, warnings);
    const client = (await connected.runner.connect()) as ClientBase;
    client.once('end', sessions.onEnd);
    return connected;
  };
  try {
    const log = await connect(postgresLogOptions(options, sessions.name));
    const snapshots = await connect(postgresSnapshotOptions(options, sessions.name));
    await requireSessions(log.runner, snapshots.runner);
    if (sessions.areReplaced) {
      await endFormerSessions(log, snapshots, sessions.name);
    }
    await takeLock(log.runner, options.schema, 'log');
    await takeLock(snapshots.runner, options.schema, 'snapshots');
    await useSchema([log, snapshots], options);
    const epoch = await raiseEpoch(log.runner);
    for (const { dialect, runner } of [log, snapshots]) {
      dialect.own(await ownerOf(runner, epoch));
    }
    return await SqlStores.boot({ log: sessionOf(log), snapshots: sessionOf(snapshots), warnings });
  } catch (error) {
    await Promise.allSettled(opened.filter(({ isInitialized }) => isInitialized).map((source) => source.destroy()));
    throw toStorageError(error);
  }
}

function sessionOf({ dataSource, dialect, runner }: Connected): SqlSession {
  return new SqlSession(dataSource, dialect, runner);
}

async function openSession(
  dataSource: DataSource,
  { acceptsWeak }: PostgresOptions,
  warnings: StorageWarnings,
): Promise<Connected> {
  dataSource.driver.supportedDataTypes.push(bytes);
  await dataSource.initialize();
  const dialect = new PostgresDialect(acceptsWeak, (message) => {
    warnings.warn(message);
  });
  const runner = dataSource.createQueryRunner();
  await dialect.requireDurable(runner);
  await dialect.setDurable(runner, true);
  await runner.query(`SET lock_timeout = ${lockTimeoutMs}`);
  return { dataSource, runner, dialect };
}

/**
 * Behind a pooler that hands out a session for each transaction a lock would guard nothing. While one transaction
 * keeps a session busy, the other connection is given another one, and what it had set there is gone.
 *
 * @throws StorageError UNUSABLE.
 */
async function requireSessions(first: QueryRunner, second: QueryRunner): Promise<void> {
  const ask = async (): Promise<unknown> =>
    (await first.query("SELECT current_setting('raftdb.session', true) AS value, pg_backend_pid() AS id")) as unknown;
  await first.query(`SET raftdb.session = 'kept'`);
  const before = JSON.stringify(await ask());
  await second.query('BEGIN');
  const after = JSON.stringify(await ask());
  await second.query('ROLLBACK');
  if (before !== after) {
    throw new StorageError(
      'UNUSABLE',
      'a proxy between this node and Postgres pools transactions; connect to the server, or pool sessions',
    );
  }
}

/** A session that was given up here may live on at the server; its transaction ends before its locks are free. */
async function endFormerSessions(log: Connected, snapshots: Connected, name: string): Promise<void> {
  const ids = await Promise.all([log.runner, snapshots.runner].map((runner) => backendId(runner)));
  await log.runner.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity ' +
      'WHERE application_name = $1 AND usename = current_user AND pid <> ALL($2::int[])',
    [name, ids],
  );
}

/** @throws StorageError LOCKED. */
async function takeLock(runner: QueryRunner, schema: string, what: 'log' | 'snapshots'): Promise<void> {
  const deadline = performance.now() + lockPatienceMs;
  for (;;) {
    const rows = (await runner.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [
      lockKey(schema, what),
    ])) as readonly { readonly taken: boolean }[];
    if (rows[0]?.taken === true) {
      return;
    }
    if (performance.now() > deadline) {
      throw new StorageError(
        'LOCKED',
        `another process uses the schema ${schema}; stop it, or give this node a schema of its own`,
      );
    }
    await sleep(lockRetryMs);
  }
}

/** The schema is made where it is missing; a role that may not make one finds it made by its administrator. */
async function useSchema(
  sessions: readonly Connected[],
  { schema, mustExist = false }: PostgresOptions,
): Promise<void> {
  for (const { dataSource, runner } of sessions) {
    const found = (await runner.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])) as readonly unknown[];
    if (found.length === 0 && mustExist) {
      throw new StorageError('UNUSABLE', `there is no schema ${schema}; name that of the node`);
    }
    if (found.length === 0) {
      await runner.createSchema(schema, true);
    }
    await runner.query(`SET search_path TO "${schema.replaceAll('"', '""')}"`);
    await bringUpToDate(dataSource, runner);
  }
}

async function raiseEpoch(runner: QueryRunner): Promise<number> {
  const rows = (await runner.query(
    'INSERT INTO store_owner (id, epoch) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET epoch = store_owner.epoch + 1 ' +
      'RETURNING epoch',
  )) as readonly { readonly epoch: string }[];
  return Number(rows[0]?.epoch);
}

async function ownerOf(runner: QueryRunner, epoch: number): Promise<Owner> {
  return { epoch, backendId: await backendId(runner) };
}

async function backendId(runner: QueryRunner): Promise<number> {
  const rows = (await runner.query('SELECT pg_backend_pid() AS id')) as readonly { readonly id: number }[];
  return rows[0]?.id ?? 0;
}
