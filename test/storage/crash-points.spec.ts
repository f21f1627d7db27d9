import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { LogStore, LogWrite, StoredLog } from '../../src/ports/log-store.port.js';
import { BatchedLogStore } from '../../src/storage/batched-log-store.js';
import { openDataSource, sqliteLogOptions } from '../../src/storage/data-source.js';
import { SqliteDialect } from '../../src/storage/dialects/sqlite.js';
import { HardStateEntity } from '../../src/storage/entities/hard-state.entity.js';
import { LogBaseEntity } from '../../src/storage/entities/log-base.entity.js';
import { LogBatchEntity } from '../../src/storage/entities/log-batch.entity.js';
import { NodeIdentityEntity } from '../../src/storage/entities/node-identity.entity.js';
import { SqlSession } from '../../src/storage/sql-session.js';
import { TypeormBatchStore } from '../../src/storage/typeorm-batch-store.js';
import { InMemoryDisk } from '../support/in-memory-stores.js';
import { append, entries, hardState, places } from './samples.js';

/** Files take their time on a busy machine. */
jest.setTimeout(60_000);

/** One step of each kind; in between the log has batches of several entries. */
const steps: readonly { readonly what: string; readonly run: (log: LogStore) => Promise<void> }[] = [
  step('first entries', append(entries({ first: 1, last: 4 }), hardState(1, 0, 'n1'))),
  step('more entries', append(entries({ first: 5, last: 9 }), hardState(1, 4, 'n1'))),
  step('a conflict in a batch', append(entries({ first: 7, last: 7, term: 2 }), hardState(2, 6, 'n2'))),
  step('a conflict between batches', append(entries({ first: 7, last: 12, term: 3 }), hardState(3, 8, 'n1'))),
  step('hard state alone', append([], hardState(4, 12))),
  { what: 'a compaction', run: (log) => log.compact(6) },
  step('a snapshot in place of the log', { reset: { index: 40, term: 4 }, entries: [], hardState: hardState(4, 40) }),
  step('entries after the snapshot', append(entries({ first: 41, last: 43, term: 4 }), hardState(4, 41))),
  step('a second snapshot and entries', {
    reset: { index: 60, term: 4 },
    entries: entries({ first: 61, last: 62, term: 4 }),
    hardState: hardState(5, 61, 'n3'),
  }),
  {
    what: 'a later epoch with its first entry',
    run: (log) => log.setClusterId('c1.2-0a', append(entries({ first: 63, last: 63, term: 6 }), hardState(6, 61))),
  },
];

function step(what: string, write: LogWrite) {
  return { what, run: (log: LogStore) => log.write(write) };
}

function summary({ entries: stored, hardState: state, identity }: StoredLog): string {
  return `${places(stored)} ${JSON.stringify(state)} ${identity.nodeId} ${identity.clusterId ?? ''}`;
}

describe('a log that is opened after a crash', () => {
  let root: string;
  let dataSources: DataSource[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'raftdb-crash-'));
    dataSources = [];
  });

  afterEach(async () => {
    await Promise.all(dataSources.filter((source) => source.isInitialized).map((source) => source.destroy()));
    rmSync(root, { recursive: true, force: true });
  });

  /** A log store on its own; `onStatement` is called before each statement of SQL. */
  async function storeIn(directory: string, onStatement: (sql: string) => void = () => undefined) {
    const log = (sql: string) => {
      onStatement(sql);
    };
    const none = () => undefined;
    const logger = {
      logQuery: log,
      logQueryError: none,
      logQuerySlow: none,
      logSchemaBuild: none,
      logMigration: none,
      log: none,
    };
    const dialect = new SqliteDialect();
    const dataSource = await openDataSource({ ...sqliteLogOptions(directory), logging: true, logger }, dialect);
    dataSources.push(dataSource);
    const batches = new TypeormBatchStore(
      new SqlSession(dataSource, dialect),
      dataSource.getRepository(LogBatchEntity),
      dataSource.getRepository(HardStateEntity),
      dataSource.getRepository(LogBaseEntity),
      dataSource.getRepository(NodeIdentityEntity),
    );
    return { log: new BatchedLogStore(batches), dataSource };
  }

  async function found(directory: string): Promise<string> {
    const { log } = await storeIn(directory);
    const stored = summary(await log.open('n1'));
    await log.close();
    return stored;
  }

  /** What a start finds after each step, by the store without a database. The compaction frees whole batches. */
  async function expectedStates(): Promise<string[]> {
    const disk = new InMemoryDisk();
    const states: string[] = [];
    let { log } = disk.start();
    states.push(summary(await log.open('n1')));
    for (const { run } of steps) {
      await run(log);
      log = disk.start().log;
      states.push(summary(await log.open('n1')));
    }
    return states;
  }

  it('holds all of a write or nothing of it, whichever statement the crash met', async () => {
    const states = await expectedStates();
    const copies: { readonly directory: string; readonly step: number; readonly sql: string }[] = [];
    let current: number | null = null;
    const live = join(root, 'live');
    const { log } = await storeIn(live, (sql) => {
      if (current !== null) {
        const directory = join(root, `copy-${copies.length}`);
        cpSync(live, directory, { recursive: true });
        copies.push({ directory, step: current, sql });
      }
    });
    await log.open('n1');
    const after: string[] = [];
    for (const [number, { run }] of steps.entries()) {
      current = number;
      await run(log);
      current = null;
      const directory = join(root, `after-${number}`);
      cpSync(live, directory, { recursive: true });
      after.push(await found(directory));
    }
    const wrong: string[] = [];
    for (const copy of copies) {
      const state = await found(copy.directory);
      if (state !== states[copy.step] && state !== states[copy.step + 1]) {
        wrong.push(`${steps[copy.step]?.what ?? ''} at "${copy.sql}": ${state}`);
      }
    }

    expect(wrong).toEqual([]);
    expect(after).toEqual(states.slice(1));
    expect(copies.length).toBeGreaterThan(30);
  });

  it('counts a start in one step', async () => {
    const live = join(root, 'live');
    const copies: string[] = [];
    const { log } = await storeIn(live, () => {
      const directory = join(root, `copy-${copies.length}`);
      cpSync(live, directory, { recursive: true });
      copies.push(directory);
    });
    const { identity } = await log.open('n1');

    for (const directory of copies) {
      const { log: copied } = await storeIn(directory);
      const again = await copied.open('n1');
      const isFirst = again.identity.bootNumber === 1;
      expect(again.identity.bootNumber).toBe(isFirst ? 1 : 2);
      expect(again.identity.instanceId === identity.instanceId).toBe(!isFirst);
      await copied.close();
    }
  });

  it('without space for a write keeps what it has, and goes on when there is space again', async () => {
    const { log, dataSource } = await storeIn(join(root, 'live'));
    await log.open('n1');
    await log.write(append(entries({ first: 1, last: 3 }), hardState(1)));
    await dataSource.query('PRAGMA max_page_count = 1');
    const large = entries({ first: 4, last: 4 }).map((one) => ({ ...one, data: new Uint8Array(500_000) }));

    await expect(log.write(append(large, hardState(1)))).rejects.toMatchObject({ code: 'FULL', isOutage: true });
    await expect(log.write(append(entries({ first: 5, last: 5 })))).rejects.toMatchObject({ code: 'FULL' });

    await dataSource.query('PRAGMA max_page_count = 1000000');
    const again = await log.open('n1');
    await log.write(append(large));
    await log.close();
    expect(places(again.entries)).toBe('1@1 2@1 3@1');
    expect(await found(join(root, 'live'))).toContain('1@1 2@1 3@1 4@1');
  });
});
