import {
  closeSync,
  constants,
  accessSync,
  chmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { toStorageError } from './classify-error.js';
import type { StorageWarnings } from './storage-warnings.js';
import { StorageError, corrupt } from './storage.errors.js';

/** Whether files have owners and modes here. */
const hasModes = process.platform !== 'win32';
const directoryMode = 0o700;
const fileMode = 0o600;
const writableByAll = 0o002;

/** How a file of SQLite begins, and the byte that says who may write it: 1 with a rollback journal, 2 with a write-ahead log. */
const sqliteHeader = { length: 20, magic: 'SQLite format 3\0', formAt: 18, formMax: 2 };

/**
 * Makes the directory where it is missing, readable by its owner alone, and the database files in it likewise.
 *
 * A directory that is there keeps its mode: it may be a mount or shared on purpose.
 *
 * @param files - Names of the databases in the directory. Each is begun after the one before it is on the disk: one that is
 * there without an earlier one shows that the earlier one was lost.
 * @param warnings - Told when the mode of the directory invites trouble.
 * @throws StorageError UNUSABLE when the directory cannot be made or written, CORRUPT when a database is gone and its
 * WAL or a later database is not, or its header was changed; nothing is changed then.
 */
export function prepareDataDirectory(dataDir: string, files: readonly string[], warnings: StorageWarnings): void {
  const directory = resolve(dataDir);
  try {
    makeDirectory(directory);
    requireWritable(directory, warnings);
    const paths = files.map((file) => join(directory, file));
    paths.forEach((path, place) => {
      requireWholeDatabase(path, paths.slice(place + 1));
    });
    paths.forEach(requireKnownForm);
    paths.forEach(makePrivateFile);
    syncDirectory(directory);
  } catch (error) {
    throw toStorageError(error);
  }
}

function makeDirectory(directory: string): void {
  const firstMade = mkdirSync(directory, { recursive: true, mode: directoryMode });
  if (firstMade === undefined) {
    return;
  }
  // A name is durable once the directory that holds it is synced.
  let parent = directory;
  do {
    parent = dirname(parent);
    syncDirectory(parent);
  } while (parent !== dirname(firstMade) && parent !== dirname(parent));
}

function requireWritable(directory: string, warnings: StorageWarnings): void {
  const stats = statSync(directory);
  if (!stats.isDirectory()) {
    throw new StorageError('UNUSABLE', `${directory} is no directory; name another data directory`);
  }
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  if (hasModes && (stats.mode & writableByAll) !== 0) {
    warnings.warn(`every user may write to the data directory ${directory}: chmod o-w`);
  }
}

/**
 * SQLite would delete the WAL of an empty database, and with it what may be the only copy of the log; and would make a
 * new one in the place of a lost one.
 */
function requireWholeDatabase(path: string, later: readonly string[]): void {
  if (sizeOf(path) > 0) {
    return;
  }
  if (sizeOf(`${path}-wal`) > 0) {
    throw corrupt(`${path} is missing or empty, but its write-ahead log is not`);
  }
  const other = later.find((each) => sizeOf(each) > 0);
  if (other !== undefined) {
    throw corrupt(`${path} is missing or empty, but ${other} is not`);
  }
}

/** SQLite takes a file that says it is of a later form for one that may be read only: a fault of the file, not of its mode. */
function requireKnownForm(path: string): void {
  if (sizeOf(path) < sqliteHeader.length) {
    return;
  }
  const header = Buffer.alloc(sqliteHeader.length);
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const form = header[sqliteHeader.formAt] ?? 0;
  if (header.toString('latin1', 0, sqliteHeader.magic.length) === sqliteHeader.magic && form > sqliteHeader.formMax) {
    throw corrupt(`the header of ${path} says that its form is ${form}`);
  }
}

function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'a', fileMode));
  if (hasModes && (statSync(path).mode & 0o777) !== fileMode) {
    chmodSync(path, fileMode);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  if (!hasModes) {
    return;
  }
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
