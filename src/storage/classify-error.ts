import { InvariantViolation } from '../lib/assert.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { serverError } from './server-error.js';
import { StorageError, corrupt } from './storage.errors.js';
import type { StorageErrorCode } from './storage.errors.js';

/** Prefixes of the codes of SQLite and of the operating system. What is not named here is a failed disk. */
const classes: readonly (readonly [StorageErrorCode, readonly string[]])[] = [
  ['FULL', ['SQLITE_FULL', 'ENOSPC', 'EDQUOT']],
  ['LOCKED', ['SQLITE_BUSY', 'SQLITE_LOCKED']],
  ['CORRUPT', ['SQLITE_CORRUPT', 'SQLITE_NOTADB']],
  [
    'UNUSABLE',
    [
      'SQLITE_READONLY',
      'SQLITE_CANTOPEN',
      'SQLITE_PERM',
      'SQLITE_AUTH',
      'EACCES',
      'EPERM',
      'EROFS',
      'ENOTDIR',
      'EEXIST',
      'EISDIR',
      'ENAMETOOLONG',
      'ELOOP',
    ],
  ],
];

/** Words for a schema that is not what the migrations made: SQLite has no code of its own for it. */
const damagedSchema = /^no such (?:table|column)|^table \S+ has (?:\d+ columns|no column)|^unsupported file format/;

const advice: Partial<Record<StorageErrorCode, string>> = {
  FULL: 'no space is left for the data; free some',
  LOCKED: 'another process uses this data directory; stop it, or give this node a directory of its own',
  UNUSABLE: 'the data directory cannot be used; make it a directory that this user may read and write',
  IO: 'the storage failed; look at the disk, then start the node again',
};

/**
 * The coded form of whatever a database or a file system threw. A broken invariant stays what it is: our bug, not
 * the disk's.
 */
export function toStorageError(cause: unknown): StorageError | InvariantViolation {
  if (cause instanceof StorageError || cause instanceof InvariantViolation) {
    return cause;
  }
  const inner = thrownByDriver(cause) ?? cause;
  const message = textOf(inner, 'message') ?? String(inner);
  if (inner instanceof MalformedBytesError) {
    return corrupt(message, { cause });
  }
  const nativeCode = textOf(inner, 'code') ?? '';
  return serverError({ code: nativeCode, message }, cause) ?? fileError({ code: nativeCode, message }, cause);
}

function fileError(
  { code: nativeCode, message }: { readonly code: string; readonly message: string },
  cause: unknown,
): StorageError {
  const code = damagedSchema.test(message) ? 'CORRUPT' : classOf(nativeCode);
  const suffix = nativeCode === '' || message.includes(nativeCode) ? '' : `${nativeCode}: `;
  if (code === 'CORRUPT') {
    return corrupt(`${suffix}${message}`, { cause });
  }
  return new StorageError(code, `${advice[code] ?? 'the storage failed'} (${suffix}${message})`, { cause });
}

function classOf(nativeCode: string): StorageErrorCode {
  return classes.find(([, prefixes]) => prefixes.some((prefix) => nativeCode.startsWith(prefix)))?.[0] ?? 'IO';
}

/**
 * What the driver threw, where TypeORM wraps it: its QueryFailedError, known by its form. The main thread has no use for
 * TypeORM's three hundred modules besides.
 */
function thrownByDriver(error: unknown): unknown {
  return error instanceof Error && 'driverError' in error ? error.driverError : null;
}

/** An error of a native module can be none of this realm's: it is read by its form. */
function textOf(error: unknown, name: 'code' | 'message'): string | null {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : null;
  return typeof value === 'string' ? value : null;
}
