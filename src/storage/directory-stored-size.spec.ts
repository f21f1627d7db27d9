import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DirectoryStoredSize } from './directory-stored-size.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftdb-size-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function put(name: string, bytes: number): void {
  writeFileSync(join(directory, name), new Uint8Array(bytes));
}

describe('DirectoryStoredSize', () => {
  it('is the sum of the databases and of their write-ahead logs, and of nothing else', async () => {
    put('a.db', 100);
    put('a.db-wal', 30);
    put('b.db', 7);
    put('b.db-shm', 1000);
    put('other', 1000);
    expect(await new DirectoryStoredSize(directory, ['a.db', 'b.db']).bytes()).toBe(137);
  });

  it('is not known where a database is gone', async () => {
    put('a.db', 100);
    expect(await new DirectoryStoredSize(directory, ['a.db', 'b.db']).bytes()).toBeNull();
  });
});
