import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { InvariantViolation } from '../lib/assert.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { toStorageError } from './classify-error.js';
import { StorageError } from './storage.errors.js';

const withCode = (code: string) => Object.assign(new Error(`what ${code}\nmeans`), { code });

describe('an error of the database or the file system', () => {
  it.each([
    ['SQLITE_FULL', 'FULL', true],
    ['ENOSPC', 'FULL', true],
    ['SQLITE_BUSY_RECOVERY', 'LOCKED', true],
    ['SQLITE_CORRUPT_INDEX', 'CORRUPT', false],
    ['SQLITE_NOTADB', 'CORRUPT', false],
    ['SQLITE_READONLY_DBMOVED', 'UNUSABLE', false],
    ['SQLITE_CANTOPEN', 'UNUSABLE', false],
    ['EACCES', 'UNUSABLE', false],
    ['SQLITE_IOERR_FSYNC', 'IO', false],
    ['EIO', 'IO', false],
    ['SOMETHING_NEW', 'IO', false],
  ])('%s is %s', (nativeCode, code, retryable) => {
    const cause = withCode(nativeCode);
    const error = toStorageError(new QueryFailedError('SELECT 1', [], cause));

    expect(error).toMatchObject({ name: 'StorageError', code, retryable });
    expect(error.message).toContain(nativeCode);
    expect(error.message).not.toContain('\n');
    expect(toStorageError(cause)).toMatchObject({ code, cause });
  });

  it('stays what it is when it is coded already, or a broken invariant', () => {
    const coded = new StorageError('FOREIGN', 'of another');
    const broken = new InvariantViolation('a gap');

    expect(toStorageError(coded)).toBe(coded);
    expect(toStorageError(broken)).toBe(broken);
  });

  it('is damage where bytes cannot be read, a failed disk where nothing is known', () => {
    expect(toStorageError(new MalformedBytesError('odd'))).toMatchObject({ code: 'CORRUPT' });
    expect(toStorageError('odd')).toMatchObject({ code: 'IO' });
  });
});
