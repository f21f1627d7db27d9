import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { QueryRunner } from 'typeorm';
import { isFull } from '../../ports/outage.js';
import { toStorageError } from '../classify-error.js';
import { readValue } from './read-value.js';

const MIB = 1024 * 1024;

/** Less than this is not worth the work. */
const unusedBytesMin = MIB;

/** Pages beyond this part of what the volume has free are given back; below it they are kept for the next writes. */
const keptPart = 1 / 4;

/** Pages that one step moves and cuts off: about a MiB. */
const pagesPerStep = 256;

/**
 * What is used of a better-sqlite3 connection. TypeORM's runner takes one step of a statement without columns, which
 * would give back one page.
 */
interface ExecutingConnection {
  exec(sql: string): unknown;
}

/**
 * Cuts some unused pages off a database file, where they are many beside what its volume has free.
 *
 * A file without `auto_vacuum`, made by an earlier release, stays as it is.
 *
 * @returns Whether there is more to give back.
 */
export async function giveBackPages(runner: QueryRunner): Promise<boolean> {
  const { database } = runner.dataSource.options;
  const unused = Number(await readValue(runner, 'SELECT freelist_count AS value FROM pragma_freelist_count'));
  const pageBytes = Number(await readValue(runner, 'SELECT page_size AS value FROM pragma_page_size'));
  if (typeof database !== 'string' || unused * pageBytes < unusedBytesMin) {
    return false;
  }
  const { bavail, bsize } = await statfs(dirname(database));
  if (unused * pageBytes <= bavail * bsize * keptPart) {
    return false;
  }
  const connection = (await runner.connect()) as ExecutingConnection;
  connection.exec(`PRAGMA incremental_vacuum(${pagesPerStep})`);
  await checkpoint(runner);
  const left = Number(await readValue(runner, 'SELECT freelist_count AS value FROM pragma_freelist_count'));
  return left < unused;
}

/** The WAL may hold pages that the file would have to grow for: once more of them are cut off it need not. */
async function checkpoint(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('PRAGMA wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (!isFull(toStorageError(error))) {
      throw error;
    }
  }
}
