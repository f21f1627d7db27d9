import { describe, expect, it } from '@jest/globals';
import type { DataSource, QueryRunner } from 'typeorm';
import { Dialect } from './dialects/dialect.js';
import { SqlSession } from './sql-session.js';
import { StorageError } from './storage.errors.js';

class FakeDialect extends Dialect {
  readonly beginSql = 'BEGIN';
  readonly checkpointBytes = 100_000;

  parameter(): string {
    return '?';
  }

  requireDurable(): Promise<void> {
    return Promise.resolve();
  }

  setDurable(): Promise<void> {
    return Promise.resolve();
  }

  requireOwner(): Promise<void> {
    return Promise.resolve();
  }

  writePlainly(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async checkpoint(runner: QueryRunner): Promise<void> {
    await runner.query('CHECKPOINT');
  }

  giveBackSpace(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** A database that notes its statements and fails at one of them. */
class FakeDatabase {
  readonly statements: string[] = [];
  isInitialized = true;
  failAt: { readonly sql: string; readonly code: string } | null = null;

  createQueryRunner() {
    return { query: (sql: string) => this.query(sql), release: () => Promise.resolve() };
  }

  destroy(): Promise<void> {
    this.statements.push('DISCONNECT');
    this.isInitialized = false;
    return Promise.resolve();
  }

  private query(sql: string): Promise<void> {
    this.statements.push(sql);
    if (this.failAt?.sql === sql) {
      return Promise.reject(Object.assign(new Error(`cannot ${sql}`), { code: this.failAt.code }));
    }
    return Promise.resolve();
  }
}

function setUp() {
  const database = new FakeDatabase();
  const session = new SqlSession(database as unknown as DataSource, new FakeDialect());
  const write = (bytes = 0, sql = 'WRITE') =>
    session.run(() => session.transaction(bytes, (runner) => runner.query(sql)));
  return { database, session, write };
}

describe('a session', () => {
  it('runs tasks one after the other, transactions whole', async () => {
    const { database, session, write } = setUp();
    await Promise.all([write(0, 'A'), session.run((runner) => runner.query('B')), write(0, 'C')]);

    expect(database.statements).toEqual(['BEGIN', 'A', 'COMMIT', 'B', 'BEGIN', 'C', 'COMMIT']);
  });

  it('rolls back what fails, and the next transaction stands alone', async () => {
    const { database, write } = setUp();
    database.failAt = { sql: 'WRITE', code: 'SQLITE_FULL' };
    await expect(write()).rejects.toMatchObject({ code: 'FULL' });
    database.failAt = { sql: 'ROLLBACK', code: 'SQLITE_ERROR' };
    await write();

    expect(database.statements).toEqual(['BEGIN', 'WRITE', 'ROLLBACK', 'BEGIN', 'WRITE', 'COMMIT']);
  });

  it.each(['SQLITE_IOERR_FSYNC', 'EIO', 'SQLITE_READONLY', 'ANYTHING'])(
    'refuses everything after %s at a commit: what the sync lost stays lost',
    async (code) => {
      const { database, session, write } = setUp();
      database.failAt = { sql: 'COMMIT', code };
      const first: unknown = await write().catch((error: unknown) => error);
      database.failAt = null;
      const later: unknown = await session.run((runner) => runner.query('READ')).catch((error: unknown) => error);

      expect(first).toBeInstanceOf(StorageError);
      expect(later).toBe(first);
      expect(database.statements).toEqual(['BEGIN', 'WRITE', 'COMMIT', 'ROLLBACK']);
    },
  );

  it('checkpoints after so many bytes, behind the write that reached them', async () => {
    const { database, session, write } = setUp();
    await write(60_000);
    expect(database.statements).not.toContain('CHECKPOINT');
    await write(60_000);
    await session.run((runner) => runner.query('READ'));

    expect(database.statements.slice(-3)).toEqual(['COMMIT', 'CHECKPOINT', 'READ']);
  });

  it('tries a checkpoint again later when it found no space', async () => {
    const { database, write } = setUp();
    database.failAt = { sql: 'CHECKPOINT', code: 'SQLITE_FULL' };
    await write(200_000);
    await write(200_000);
    await write();

    expect(database.statements.filter((sql) => sql === 'CHECKPOINT')).toHaveLength(2);
  });

  it('finishes its tasks before it disconnects and takes none afterwards', async () => {
    const { database, session, write } = setUp();
    const writing = write();
    const closing = session.close();
    await expect(write()).rejects.toMatchObject({ code: 'CLOSED' });
    await Promise.all([writing, closing, session.close()]);

    expect(database.statements).toEqual(['BEGIN', 'WRITE', 'COMMIT', 'DISCONNECT']);
  });
});
