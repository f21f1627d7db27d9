import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { StoredLog } from '../../src/ports/log-store.port.js';
import { StorageError } from '../../src/storage/storage.errors.js';
import { SqliteDamageFixture } from './damage-fixture.js';
import { describeDamagedRows } from './damage.contract.js';
import { append, entries, hardState, places, takeSnapshot } from './samples.js';

/** Files take their time on a busy machine. */
jest.setTimeout(60_000);

describeDamagedRows('SQLite', () => new SqliteDamageFixture());

/** Why data are not taken: damaged, or, by what the byte says now, another node's or a later version's. */
const refusals: readonly string[] = ['CORRUPT', 'FOREIGN', 'NEWER_VERSION'];

function codeOf(error: unknown): unknown {
  return error instanceof StorageError ? error.code : error;
}

const files = ['log.db', 'snapshot.db'] as const;

describe('files that were changed while the node stood still', () => {
  let fixture: SqliteDamageFixture;

  beforeEach(async () => {
    fixture = new SqliteDamageFixture();
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await log.write(append(entries({ first: 1, last: 6 }), hardState(1, 2)));
    await takeSnapshot(snapshots, 2);
    await log.close();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  function open(): Promise<StoredLog> {
    return fixture.start().log.open('n1');
  }

  /** What is in each file; null where there is none. */
  function bytesOf(): (string | null)[] {
    return files.map((file) => (existsSync(fixture.path(file)) ? readFileSync(fixture.path(file), 'base64') : null));
  }

  async function isRefused(words: RegExp): Promise<void> {
    const before = bytesOf();
    await expect(open()).rejects.toMatchObject({ code: 'CORRUPT', isOutage: false });
    await expect(open()).rejects.toThrow(words);
    await expect(open()).rejects.toThrow(/replace this node: stop it, .*start it once with -join and -replace/);
    expect(bytesOf()).toEqual(before);
  }

  it.each(files)('%s that is no database is refused', async (file) => {
    writeFileSync(fixture.path(file), 'something else that is longer than the header of a database'.repeat(20));

    await isRefused(/not a database/);
  });

  it.each(files)('%s with a page missing at the end is refused', async (file) => {
    truncateSync(fixture.path(file), statSync(fixture.path(file)).size - 4096);

    await isRefused(/malformed|damaged/);
  });

  it.each(files)('%s with a header of a later form is refused', async (file) => {
    const bytes = readFileSync(fixture.path(file));
    bytes[18] = 3;
    writeFileSync(fixture.path(file), bytes);

    await isRefused(/the header of .* says that its form is 3/);
  });

  it.each(['removed', 'emptied'])('the log %s is refused, and nothing takes its place', async (how) => {
    if (how === 'removed') {
      rmSync(fixture.path('log.db'));
    } else {
      truncateSync(fixture.path('log.db'));
    }

    await isRefused(/log\.db is missing or empty, but .*snapshot\.db is not/);
  });

  it('a log of another disk is refused', async () => {
    const other = new SqliteDamageFixture();
    await other.start().log.open('n1');
    await other.stop();
    writeFileSync(fixture.path('log.db'), readFileSync(other.path('log.db')));
    await other.remove();

    await isRefused(/belong to another log/);
  });

  it.each(files)('a write-ahead log that lost %s is refused, and kept', async (file) => {
    rmSync(fixture.path(file));
    writeFileSync(fixture.path(`${file}-wal`), 'the only copy');

    await isRefused(/is missing or empty, but its write-ahead log is not/);

    expect(readFileSync(fixture.path(`${file}-wal`), 'utf8')).toBe('the only copy');
  });

  it('a term that is no number is refused', async () => {
    await fixture.change('log', "UPDATE log_batch SET last_term = 'x'");

    await isRefused(/holds x, which is no index/);
  });

  // The header of the file, then every table of it: whatever byte is hit, entries are those that were written.
  it.each([
    ['the header', { from: 0, until: 100, step: 1 }],
    ['the pages', { from: 100, until: 40_960, step: 149 }],
  ])('any byte of %s of the log: refused, or no entry is another one', async (_where, { from, until, step }) => {
    const whole = readFileSync(fixture.path('log.db'));
    const written = (await open()).entries;
    await fixture.stop();
    const seen = { refused: 0, unchanged: 0 };
    for (let place = from; place < Math.min(until, whole.length); place += step) {
      const bytes = Uint8Array.from(whole, (byte, position) => (position === place ? byte ^ 0xff : byte));
      writeFileSync(fixture.path('log.db'), bytes);
      const outcome = await open().then(
        ({ entries: read }) => (isDeepStrictEqual(read, written) ? 'same' : read),
        codeOf,
      );
      await fixture.stop();
      const isUntouched = readFileSync(fixture.path('log.db')).equals(bytes);
      const isRefusal = typeof outcome === 'string' && refusals.includes(outcome) && isUntouched;
      expect([place, outcome === 'same' || isRefusal ? null : outcome]).toEqual([place, null]);
      seen[isRefusal ? 'refused' : 'unchanged'] += 1;
    }
    expect(Math.min(seen.refused, seen.unchanged)).toBeGreaterThan(0);
  });
});

describe('a write-ahead log that went missing', () => {
  let fixture: SqliteDamageFixture;

  beforeEach(() => {
    fixture = new SqliteDamageFixture();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  /** Two entries that are in the database file, two more that are in its write-ahead log alone. */
  async function crashBehindCheckpoint(): Promise<void> {
    const first = fixture.start();
    await first.log.open('n1');
    await first.log.write(append(entries({ first: 1, last: 2 }), hardState(1, 2)));
    await first.log.close();
    const { log } = fixture.start();
    await log.open('n1');
    await log.write(append(entries({ first: 3, last: 3 })));
    await log.write(append(entries({ first: 4, last: 4 })));
    await fixture.crash();
  }

  async function found(): Promise<[string, number]> {
    const { entries: read, identity } = await fixture.start().log.open('n1');
    return [places(read), identity.bootNumber];
  }

  // That this is less than was acknowledged, the leader finds out: test/raft/paper-membership.spec.ts.
  it('leaves the log as it last was in the database, and never a part of a write', async () => {
    await crashBehindCheckpoint();
    rmSync(fixture.path('log.db-wal'));

    expect(await found()).toEqual(['1@1 2@1', 2]);
  });

  it('that is cut leaves every write before the cut, whole', async () => {
    await crashBehindCheckpoint();
    truncateSync(fixture.path('log.db-wal'), statSync(fixture.path('log.db-wal')).size - 100);

    expect(await found()).toEqual(['1@1 2@1 3@1', 3]);
  });

  it('with all that there was is another disk: the log is refused', async () => {
    const { log } = fixture.start();
    await log.open('n1');
    await log.write(append(entries({ first: 1, last: 2 }), hardState(1, 2)));
    await fixture.crash();
    rmSync(fixture.path('log.db-wal'));

    await expect(found()).rejects.toThrow(/belong to another log/);
  });
});
