import type { QueryRunner } from 'typeorm';
import { StorageError } from '../storage.errors.js';
import { Dialect } from './dialect.js';
import { readValue } from './read-value.js';
import { giveBackPages } from './sqlite-unused-space.js';

/** Oldest SQLite that is trusted: earlier ones can lose a checkpointed page when the WAL starts over. */
const oldestVersion = [3, 51, 3] as const;

const MIB = 1024 * 1024;
const synchronousFull = 2;
const synchronousNormal = 1;

/** What is used of a better-sqlite3 connection. */
interface PragmaConnection {
  pragma(source: string, options?: { readonly simple: true }): unknown;
  close(): unknown;
}

const pragmas = [
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = FULL',
  'fullfsync = ON',
  'checkpoint_fullfsync = ON',
  'wal_autocheckpoint = 0',
  'temp_store = MEMORY',
] as const;

/**
 * Settings of a new connection; TypeORM calls it before anything else, and forgets a connection for which it fails.
 *
 * - The exclusive lock is taken by the change to WAL and held until the connection closes. It belongs to the process,
 *   so a crash gives it up, and it keeps the WAL's index in memory instead of a shared file.
 * - `auto_vacuum` lets a file shrink where its volume is short of space. It is set for a new file alone: in another it
 *   has no effect, and would be a write before it is known that the data are ours.
 * - In WAL mode the driver's default is NORMAL, under which a power cut loses commits.
 * - Checkpoints are ours (see {@link SqliteDialect.checkpoint}): SQLite's own run inside some commit.
 * - Without `fullfsync` a sync on macOS ends in the drive's cache.
 */
export function prepareSqlite(connection: PragmaConnection): void {
  try {
    if (connection.pragma('page_count', { simple: true }) === 0) {
      connection.pragma('auto_vacuum = INCREMENTAL');
    }
    pragmas.forEach((pragma) => connection.pragma(pragma));
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** SQLite in WAL mode through better-sqlite3: one connection, one writer. */
export class SqliteDialect extends Dialect {
  readonly beginSql = 'BEGIN IMMEDIATE';
  /** Log and snapshots share a thread, so a write waits for whichever checkpoint is under way: 16 MiB take 40 ms, one takes 3. */
  readonly checkpointBytes = MIB;

  parameter(): string {
    return '?';
  }

  async requireDurable(runner: QueryRunner): Promise<void> {
    const version = String(await readValue(runner, 'SELECT sqlite_version() AS value'));
    if (isOlder(version)) {
      throw new StorageError('UNUSABLE', `SQLite ${version} is too old; ${oldestVersion.join('.')} or later is needed`);
    }
    const journalMode = await readPragma(runner, 'journal_mode');
    const lockingMode = await readPragma(runner, 'locking_mode');
    const synchronous = await readPragma(runner, 'synchronous');
    if (journalMode !== 'wal' || lockingMode !== 'exclusive' || Number(synchronous) < synchronousFull) {
      throw new StorageError(
        'UNUSABLE',
        `SQLite would not keep commits over a crash (journal_mode=${String(journalMode)}, locking_mode=${String(lockingMode)}, synchronous=${String(synchronous)}); keep the data on a local file system`,
      );
    }
  }

  /** NORMAL leaves the sync out; the next commit under FULL syncs the whole WAL. */
  async setDurable(runner: QueryRunner, durable: boolean): Promise<void> {
    const level = durable ? synchronousFull : synchronousNormal;
    await runner.query(durable ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL');
    const now = await readPragma(runner, 'synchronous');
    if (Number(now) !== level) {
      throw new StorageError('UNUSABLE', `SQLite does not take synchronous=${level}`);
    }
  }

  /** The lock of the file belongs to the connection that writes. */
  requireOwner(): Promise<void> {
    return Promise.resolve();
  }

  writePlainly(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Copies the WAL into the database, so that the next write starts the WAL over: its size stays bounded. */
  async checkpoint(runner: QueryRunner): Promise<void> {
    await runner.query('PRAGMA wal_checkpoint(PASSIVE)');
  }

  giveBackSpace(runner: QueryRunner): Promise<boolean> {
    return giveBackPages(runner);
  }
}

function readPragma(runner: QueryRunner, name: string): Promise<unknown> {
  return readValue(runner, `SELECT ${name} AS value FROM pragma_${name}`);
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [position, least] of oldestVersion.entries()) {
    const part = parts[position] ?? 0;
    if (part !== least) {
      return part < least;
    }
  }
  return false;
}
