import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { openDataSource, sqliteLogOptions, sqliteSnapshotOptions } from '../../src/storage/data-source.js';
import { SqliteDialect } from '../../src/storage/dialects/sqlite.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';
import { append, chunksAt, entry, hardState, takeSnapshot } from './samples.js';

/** Files take their time on a busy machine. */
jest.setTimeout(60_000);

/** Run by somebody who may do anything, a test of rights has to give them up first. */
const isRoot = process.geteuid?.() === 0;
const nobody = 65534;

describe('the data directory', () => {
  let root: string;
  let open: LocalSqliteStores[];
  let warnings: string[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'raftdb-directory-'));
    open = [];
    warnings = [];
  });

  afterEach(async () => {
    await Promise.all(open.map((stores) => stores.log.close()));
    rmSync(root, { recursive: true, force: true });
  });

  function storesIn(directory: string): LocalSqliteStores {
    const stores = new LocalSqliteStores(directory, (message) => warnings.push(message));
    open.push(stores);
    return stores;
  }

  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('is made with its parents and can be read by its owner alone', async () => {
    const directory = join(root, 'a', 'b');
    const { log, snapshots } = storesIn(directory);
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    await takeSnapshot(snapshots, 1);

    const hasModes = process.platform !== 'win32';
    const modes = [
      directory,
      ...['log.db', 'log.db-wal', 'snapshot.db', 'snapshot.db-wal'].map((f) => join(directory, f)),
    ];
    expect(modes.map(modeOf)).toEqual(hasModes ? ['700', '600', '600', '600', '600'] : modes.map(modeOf));
    expect(warnings).toEqual([]);
  });

  it('keeps the mode that it has, and a mode that is open to all is warned of', async () => {
    chmodSync(root, 0o777);
    await storesIn(root).log.open('n1');

    expect(modeOf(root)).toBe('777');
    expect(warnings).toEqual([expect.stringContaining('every user may write')]);
  });

  it('is refused where it is a file, or below one', async () => {
    const file = join(root, 'file');
    writeFileSync(file, 'x');

    await expect(storesIn(file).log.open('n1')).rejects.toMatchObject({ code: 'UNUSABLE', isOutage: false });
    await expect(storesIn(join(file, 'data')).log.open('n1')).rejects.toMatchObject({ code: 'UNUSABLE' });
  });

  it('is refused where it must not be written', async () => {
    const directory = join(root, 'data');
    mkdirSync(directory);
    chmodSync(root, 0o755);
    chmodSync(directory, 0o555);
    if (isRoot) {
      process.seteuid?.(nobody);
    }
    try {
      await expect(storesIn(directory).log.open('n1')).rejects.toMatchObject({ code: 'UNUSABLE' });
    } finally {
      if (isRoot) {
        process.seteuid?.(0);
      }
    }
  });

  it('belongs to one process at a time, and to the next once that has closed it', async () => {
    const first = storesIn(root);
    await first.log.open('n1');

    await expect(storesIn(root).log.open('n1')).rejects.toMatchObject({ code: 'LOCKED', isOutage: false });
    await first.log.write(append([entry(1)], hardState(1)));
    await first.log.close();

    const next = await storesIn(root).log.open('n1');
    expect(next.entries).toHaveLength(1);
    expect(next.identity.bootNumber).toBe(2);
  });

  it.each([
    ['synchronous = NORMAL', 'synchronous=1'],
    ['synchronous = OFF', 'synchronous=0'],
    ['journal_mode = MEMORY', 'journal_mode=memory'],
    ['locking_mode = NORMAL', 'locking_mode=normal'],
  ])('is refused where SQLite runs with %s', async (pragma, named) => {
    const options = sqliteLogOptions(root);
    const weaker = {
      ...options,
      prepareDatabase: async (connection: { pragma(source: string): unknown; close(): unknown }) => {
        if ('prepareDatabase' in options) {
          await options.prepareDatabase?.(connection);
        }
        connection.pragma(pragma);
      },
    };

    const opened = openDataSource(weaker, new SqliteDialect());

    await expect(opened).rejects.toMatchObject({ code: 'UNUSABLE' });
    await expect(opened).rejects.toThrow(named);
  });

  it('waits for the disk at every commit of the log', async () => {
    const dataSource = await openDataSource(sqliteLogOptions(root), new SqliteDialect());
    const pragma = async (name: string) => (await dataSource.query<unknown[]>(`PRAGMA ${name}`))[0];
    const found = [await pragma('journal_mode'), await pragma('synchronous'), await pragma('wal_autocheckpoint')];
    await dataSource.destroy();

    expect(found).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }, { wal_autocheckpoint: 0 }]);
  });

  it('has the tables that the entities describe', async () => {
    const dataSource = await openDataSource(sqliteLogOptions(root), new SqliteDialect());
    const columns = await Promise.all(
      dataSource.entityMetadatas.map(async (table) => {
        const rows = await dataSource.query<{ name: string }[]>(`PRAGMA table_info(${table.tableName})`);
        return [rows.map((row) => row.name), table.columns.map((column) => column.databaseName)];
      }),
    );
    await dataSource.destroy();

    expect(columns).toHaveLength(4);
    columns.forEach(([stored, described]) => {
      expect(stored).toEqual(described);
    });
  });

  it('does not grow without bound while the log is written and freed', async () => {
    const { log, snapshots } = storesIn(root);
    await log.open('n1');
    const data = new Uint8Array(1_000_000);
    const mebibytes = 90;
    for (let index = 1; index <= mebibytes; index += 1) {
      await log.write(append([{ ...entry(index), data }], hardState(1, index)));
      if (index % 10 === 0) {
        await takeSnapshot(snapshots, index);
        await log.compact(index);
      }
    }

    const size = (file: string) => statSync(join(root, file)).size / 1_000_000;
    expect(size('log.db-wal')).toBeLessThan(40);
    expect(size('log.db')).toBeLessThan(60);
  });

  it('holds no chunks but those of the two newest snapshots, once it had time to tidy up', async () => {
    const before = storesIn(root);
    await before.log.open('n1');
    for (const index of [1, 2, 3]) {
      await takeSnapshot(before.snapshots, index, { chunks: chunksAt(index, 20) });
    }
    await before.snapshots.begin('received');
    await before.snapshots.write('received', 0, new Uint8Array(10));
    await before.log.close();

    const after = storesIn(root);
    await after.log.open('n1');
    for (let turn = 0; turn < 20; turn += 1) {
      await setImmediate();
      await after.snapshots.read(3, 0);
    }
    await after.log.close();

    const dataSource = await openDataSource(sqliteSnapshotOptions(root), new SqliteDialect());
    const rows = await dataSource.query<unknown[]>('SELECT id, state FROM snapshot ORDER BY id');
    const chunks = await dataSource.query<unknown[]>(
      'SELECT DISTINCT snapshot_id AS id FROM snapshot_chunk ORDER BY id',
    );
    await dataSource.destroy();
    expect(rows).toEqual([
      { id: 2, state: 'complete' },
      { id: 3, state: 'complete' },
    ]);
    expect(chunks).toEqual([{ id: 2 }, { id: 3 }]);
  });

  it('cannot be read by another program meanwhile', async () => {
    await storesIn(root).log.open('n1');
    const other = new DataSource({ type: 'better-sqlite3', database: join(root, 'log.db'), timeout: 10 });
    await other.initialize();

    await expect(other.query('SELECT * FROM log_batch')).rejects.toThrow('locked');
    await other.destroy();
  });
});
