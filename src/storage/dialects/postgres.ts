import type { QueryRunner } from 'typeorm';
import { batchColumns, batchValues, hardStateColumns, hardStateValues, replaceHardState } from '../log-statements.js';
import { StorageError } from '../storage.errors.js';
import { Dialect } from './dialect.js';
import type { PlainWrite } from './dialect.js';

/** Oldest major version of the server that is tested. */
const oldestMajor = 13;

/** What is used of a connection of `pg`. */
interface PostgresConnection {
  query(statement: { readonly name: string; readonly text: string; readonly values: unknown[] }): Promise<{
    readonly rows: readonly { readonly owners: number }[];
  }>;
}

/** The process that owns a schema, as one of its sessions knows it. */
export interface Owner {
  /** Raised by each start: what a former owner sends late does not match. */
  readonly epoch: number;
  /** The server's process of this session. Another one behind the same connection is a pooler's doing. */
  readonly backendId: number;
}

const owned = 'id = 1 AND epoch = $1 AND pg_backend_pid() = $2';

/** Locked for the rest of the transaction: who raises the epoch waits for it. */
const owner = `owner AS MATERIALIZED (SELECT id FROM store_owner WHERE ${owned} FOR SHARE)`;

const state = (first: number): string =>
  `state AS (INSERT INTO hard_state (${hardStateColumns}) ` +
  `SELECT 1, $${first}::bigint, $${first + 1}::text, $${first + 2}::bigint, $${first + 3}::bigint FROM owner ` +
  `${replaceHardState})`;

const batch = (first: number): string =>
  `batch AS (INSERT INTO log_batch (${batchColumns}) ` +
  `SELECT ${Array.from({ length: 7 }, (_, place) => `$${first + place}::bigint`).join(', ')}, ` +
  `$${first + 7}::bytea FROM owner)`;

const statement = (...parts: readonly string[]): string =>
  `WITH ${[owner, ...parts].join(', ')} SELECT count(*)::int AS owners FROM owner`;

const plainStatements = {
  both: statement(state(3), batch(7)),
  state: statement(state(3)),
  batch: statement(batch(3)),
} as const;

/** Off, each of them could lose commits in a crash. */
const durableSettings = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

type ServerState = { readonly version: string; readonly isStandby: boolean } & Readonly<
  Record<(typeof durableSettings)[number], string>
>;

const serverQuery =
  `SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS "isStandby", ` +
  durableSettings.map((name) => `current_setting('${name}') AS ${name}`).join(', ');

/** Postgres through one session, which holds the lock of the schema: one writer. */
export class PostgresDialect extends Dialect {
  readonly beginSql = 'BEGIN';
  readonly checkpointBytes = Number.POSITIVE_INFINITY;
  private owner: Owner | null = null;

  /** @param acceptsWeak - Whether a server that could lose commits is taken; `onWeak` is told then. */
  constructor(
    private readonly acceptsWeak: boolean,
    private readonly onWeak: (message: string) => void,
  ) {
    super();
  }

  /** This session belongs to the owner from now on. */
  own(owner: Owner): void {
    this.owner = owner;
  }

  parameter(position: number): string {
    return `$${position}`;
  }

  async requireDurable(runner: QueryRunner): Promise<void> {
    const [server] = (await runner.query(serverQuery)) as readonly ServerState[];
    if (Math.floor(Number(server?.version) / 10_000) < oldestMajor) {
      throw new StorageError('UNUSABLE', `the Postgres server is too old; version ${oldestMajor} or later is needed`);
    }
    if (server?.isStandby === true) {
      throw new StorageError('DISCONNECTED', 'the Postgres server is a standby, which takes no writes');
    }
    const weak = durableSettings.filter((name) => server?.[name] === 'off').map((name) => `${name}=off`);
    if (weak.length === 0) {
      return;
    }
    const message = `the Postgres server could lose commits in a crash (${weak.join(', ')})`;
    if (!this.acceptsWeak) {
      throw new StorageError(
        'UNUSABLE',
        `${message}; set them to on, or start with --postgres-weak-durability accept where data may be lost`,
      );
    }
    this.onWeak(message);
  }

  /** The default is what {@link requireDurable} has read. Commits that do not wait for the disk become durable, in their order, with the next one that does. */
  async setDurable(runner: QueryRunner, durable: boolean): Promise<void> {
    await runner.query(durable ? 'SET synchronous_commit TO DEFAULT' : 'SET synchronous_commit = off');
  }

  async requireOwner(runner: QueryRunner): Promise<void> {
    const { epoch, backendId } = this.known();
    const rows = (await runner.query(`SELECT id FROM store_owner WHERE ${owned} FOR SHARE`, [
      epoch,
      backendId,
    ])) as readonly unknown[];
    requireOne(rows.length);
  }

  async writePlainly(runner: QueryRunner, { batch: entries, hardState }: PlainWrite): Promise<boolean> {
    const { epoch, backendId } = this.known();
    const values: unknown[] = [epoch, backendId];
    if (hardState !== null) {
      values.push(...hardStateValues(hardState));
    }
    if (entries !== null) {
      values.push(...batchValues(entries));
    }
    const form = entries === null ? 'state' : hardState === null ? 'batch' : 'both';
    if (entries === null && hardState === null) {
      return true;
    }
    // By a name of its own: the server parses and plans it once. TypeORM's runner names none.
    const connection = (await runner.connect()) as PostgresConnection;
    const { rows } = await connection.query({ name: `raftdb_${form}`, text: plainStatements[form], values });
    requireOne(rows[0]?.owners ?? 0);
    return true;
  }

  checkpoint(): Promise<void> {
    return Promise.resolve();
  }

  /** The server does that by itself. */
  giveBackSpace(): Promise<boolean> {
    return Promise.resolve(false);
  }

  private known(): Owner {
    if (this.owner === null) {
      throw new StorageError('CLOSED', 'the schema is not owned yet');
    }
    return this.owner;
  }
}

function requireOne(owners: number): void {
  if (owners !== 1) {
    throw new StorageError('LOCKED', 'another process has taken over the schema of this node: nothing was written');
  }
}
