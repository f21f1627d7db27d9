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
    ['SQLITE_BUSY_RECOVERY', 'LOCKED', false],
    ['SQLITE_CORRUPT_INDEX', 'CORRUPT', false],
    ['SQLITE_NOTADB', 'CORRUPT', false],
    ['SQLITE_READONLY_DBMOVED', 'UNUSABLE', false],
    ['SQLITE_CANTOPEN', 'UNUSABLE', false],
    ['EACCES', 'UNUSABLE', false],
    ['SQLITE_IOERR_FSYNC', 'IO', false],
    ['EIO', 'IO', false],
    ['SOMETHING_NEW', 'IO', false],
    ['ECONNREFUSED', 'DISCONNECTED', true],
    ['57P01', 'DISCONNECTED', true],
    ['08006', 'DISCONNECTED', true],
    ['25006', 'DISCONNECTED', true],
    ['53100', 'FULL', true],
    ['28P01', 'UNUSABLE', false],
    ['3D000', 'UNUSABLE', false],
    ['XX001', 'CORRUPT', false],
    ['23505', 'CORRUPT', false],
    ['42P01', 'CORRUPT', false],
    ['42703', 'CORRUPT', false],
    ['58030', 'IO', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNUSABLE', false],
  ])('%s is %s', (nativeCode, code, isOutage) => {
    const cause = withCode(nativeCode);
    const error = toStorageError(new QueryFailedError('SELECT 1', [], cause));

    expect(error).toMatchObject({ name: 'StorageError', code, isOutage });
    expect(error.message).toContain(`what ${nativeCode}`);
    expect(error.message).not.toContain('\n');
    expect(toStorageError(cause)).toMatchObject({ code, cause });
  });

  it.each(['Connection terminated unexpectedly', 'Query read timeout', 'timeout expired'])(
    'is a lost connection where the driver says "%s" without a code',
    (words) => {
      expect(toStorageError(new Error(words))).toMatchObject({ code: 'DISCONNECTED', isOutage: true });
    },
  );

  it('stays what it is when it is coded already, or a broken invariant', () => {
    const coded = new StorageError('FOREIGN', 'of another');
    const broken = new InvariantViolation('a gap');

    expect(toStorageError(coded)).toBe(coded);
    expect(toStorageError(broken)).toBe(broken);
  });

  it.each([
    'no such table: hard_state',
    'no such column: LogBatchEntity.checksum',
    'table x has no column named y',
    'unsupported file format',
  ])('is damage where the database says "%s"', (words) => {
    const cause = Object.assign(new Error(words), { code: 'SQLITE_ERROR' });
    expect(toStorageError(cause)).toMatchObject({ code: 'CORRUPT' });
  });

  it('is damage where bytes cannot be read, a failed disk where nothing is known', () => {
    expect(toStorageError(new MalformedBytesError('odd'))).toMatchObject({ code: 'CORRUPT' });
    expect(toStorageError('odd')).toMatchObject({ code: 'IO' });
  });
});
