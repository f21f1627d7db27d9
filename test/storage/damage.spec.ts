import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import { chunksAt, append, entries, hardState, metadata, places, takeSnapshot } from './samples.js';
import { SqliteFixture } from './store-fixture.js';

/** Files take their time on a busy machine. */
jest.setTimeout(60_000);

describe('data that were changed while the node stood still', () => {
  let fixture: SqliteFixture;

  beforeEach(async () => {
    fixture = new SqliteFixture();
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await log.write(append(entries({ first: 1, last: 3 }), hardState(1)));
    await log.write(append(entries({ first: 4, last: 6, term: 2 }), hardState(2, 2)));
    await log.write(append(entries({ first: 7, last: 9, term: 2 })));
    await takeSnapshot(snapshots, 2);
    await takeSnapshot(snapshots, 4);
    await log.close();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  function path(file: string): string {
    return join(fixture.dataDir, file);
  }

  async function change(file: 'log.db' | 'snapshot.db', ...statements: string[]): Promise<void> {
    const dataSource = new DataSource({ type: 'better-sqlite3', database: path(file) });
    await dataSource.initialize();
    for (const statement of statements) {
      await dataSource.query(statement);
    }
    await dataSource.destroy();
  }

  function open() {
    return fixture.start().log.open('n1');
  }

  /** Flips the last byte of a blob. */
  const flipped = (column: string) => `CAST(substr(${column}, 1, length(${column}) - 1) || x'ff' AS BLOB)`;

  it.each([
    ['a byte of entries flipped', `UPDATE log_batch SET payload = ${flipped('payload')} WHERE first_index = 4`],
    ['a batch in the middle missing', 'DELETE FROM log_batch WHERE first_index = 4'],
    ['the first batch missing', 'DELETE FROM log_batch WHERE first_index = 1'],
    ['a batch under another index', 'UPDATE log_batch SET last_index = 5, entry_count = 2 WHERE first_index = 4'],
    ['a wrong count of entries', 'UPDATE log_batch SET entry_count = 2 WHERE first_index = 4'],
    ['a wrong length', 'UPDATE log_batch SET byte_length = byte_length + 1 WHERE first_index = 4'],
    ['a term that goes down', 'UPDATE log_batch SET last_term = 1 WHERE first_index = 7'],
    ['a term that is no number', "UPDATE log_batch SET last_term = 'x' WHERE first_index = 7"],
    ['no term and vote', 'DELETE FROM hard_state'],
    ['a term below that of the entries', 'UPDATE hard_state SET current_term = 1'],
    ['a commit index above the last entry', 'UPDATE hard_state SET commit_index = 10'],
    [
      'the last committed batch missing',
      'UPDATE hard_state SET commit_index = 9',
      'DELETE FROM log_batch WHERE first_index = 7',
    ],
    ['no identity', 'DELETE FROM node_identity'],
    ['another beginning', 'INSERT INTO log_base VALUES (1, 3, 1)'],
  ])('with %s are refused', async (_what, ...statements) => {
    await change('log.db', ...statements);

    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT', isOutage: false });
    await expect(open()).rejects.toThrow(/replace this node: stop it, .*join the cluster again/);
  });

  it('say which entries are damaged, in one line', async () => {
    await change('log.db', `UPDATE log_batch SET payload = ${flipped('payload')} WHERE first_index = 4`);

    await expect(open()).rejects.toThrow(/^the stored data are damaged: the entries from 4 to 6 do not match .*$/);
  });

  it('are not cut where the damage is: mended, they are whole again', async () => {
    await change('log.db', 'UPDATE log_batch SET checksum = checksum + 1 WHERE first_index = 4');
    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
    await change('log.db', 'UPDATE log_batch SET checksum = checksum - 1 WHERE first_index = 4');

    const found = await open();

    expect(places(found.entries)).toBe('1@1 2@1 3@1 4@2 5@2 6@2 7@2 8@2 9@2');
    expect(found.identity.bootNumber).toBe(2);
  });

  it.each([
    ['log.db', 'UPDATE log_batch SET format_version = 2 WHERE first_index = 7'],
    ['log.db', "INSERT INTO migrations (timestamp, name) VALUES (99, 'Later0000000000099')"],
    ['snapshot.db', "INSERT INTO migrations (timestamp, name) VALUES (99, 'Later0000000000099')"],
  ] as const)('in %s that a newer version wrote are refused and stay as they are', async (file, statement) => {
    await change(file, statement);
    const before = readFileSync(path('log.db'));

    await expect(open()).rejects.toMatchObject({ code: 'NEWER_VERSION' });

    expect(readFileSync(path('log.db')).equals(before)).toBe(true);
  });

  it('may hold tables of others', async () => {
    await change('log.db', 'CREATE TABLE of_others (id integer)');

    expect((await open()).entries).toHaveLength(9);
  });

  it.each(['log.db', 'snapshot.db'])('with a %s that is no database are refused', async (file) => {
    writeFileSync(path(file), 'something else that is longer than the header of a database'.repeat(20));

    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('with a page missing at the end are refused', async () => {
    const length = readFileSync(path('log.db')).length;
    truncateSync(path('log.db'), length - 4096);

    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it.each(['removed', 'emptied'])('with the log %s are refused, each time', async (how) => {
    if (how === 'removed') {
      rmSync(path('log.db'));
    } else {
      truncateSync(path('log.db'));
    }

    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(open()).rejects.toThrow('belong to another log');
  });

  it('with a write-ahead log that lost its database are refused, and the log is kept', async () => {
    rmSync(path('log.db'));
    writeFileSync(path('log.db-wal'), 'the only copy');

    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });

    expect(readFileSync(path('log.db-wal'), 'utf8')).toBe('the only copy');
  });

  it('without the snapshot that the log begins after are refused', async () => {
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await takeSnapshot(snapshots, 6);
    await log.compact(6);
    await log.close();
    rmSync(path('snapshot.db'));

    await expect(open()).rejects.toThrow('the log begins after entry 6');
  });

  /** Reads the newest snapshot to its end, and gives its index. */
  async function readNewest(snapshots: SnapshotStore): Promise<number> {
    const newest = await snapshots.latest();
    for (let chunk = 0; chunk < (newest?.chunkCount ?? 0); chunk += 1) {
      await snapshots.read(newest?.lastIncludedIndex ?? 0, chunk);
    }
    return newest?.lastIncludedIndex ?? 0;
  }

  it.each([
    ['a byte flipped', `UPDATE snapshot_chunk SET data = ${flipped('data')} WHERE snapshot_id = 2 AND chunk = 1`],
    ['a chunk missing', 'DELETE FROM snapshot_chunk WHERE snapshot_id = 2 AND chunk = 2'],
    [
      'a chunk of the other snapshot',
      'UPDATE snapshot_chunk SET (data, checksum) = (SELECT data, checksum FROM snapshot_chunk WHERE snapshot_id = 1 AND chunk = 1) WHERE snapshot_id = 2 AND chunk = 1',
    ],
    ['another index', 'UPDATE snapshot SET last_included_index = 5 WHERE id = 2'],
    ['other members', "UPDATE snapshot SET configuration = x'7b7d' WHERE id = 2"],
  ])('fall back to the snapshot before one with %s', async (_what, statement) => {
    await change('snapshot.db', statement);
    const { log, snapshots } = fixture.start();
    await log.open('n1');

    // A damaged chunk is found when it is read, a damaged row before.
    expect(await readNewest(snapshots).catch(() => readNewest(snapshots))).toBe(2);
    expect(await snapshots.latest()).toEqual(metadata(2, chunksAt(2, 3)));
    expect(fixture.warnings).toEqual([expect.stringContaining('is not used')]);

    await takeSnapshot(snapshots, 8);
    expect((await snapshots.latest())?.lastIncludedIndex).toBe(8);
    expect(await snapshots.read(2, 0)).toEqual(chunksAt(2, 3)[0]);
    expect(await snapshots.read(4, 0)).toBeNull();
  });

  it('without any whole snapshot are refused', async () => {
    await change('snapshot.db', `UPDATE snapshot_chunk SET data = ${flipped('data')}`);
    const { log, snapshots } = fixture.start();
    await log.open('n1');

    await expect(snapshots.read(4, 0)).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(snapshots.read(2, 0)).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(snapshots.latest()).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
