import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { Random } from '../../src/lib/random.js';
import { CrashModel, drawStep, findState, isAllowed } from './crash-history.js';
import type { FoundState, Passage } from './crash-history.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';
import { PostgresFixture } from './postgres-fixture.js';
import { places } from './samples.js';

jest.setTimeout(6 * 3600_000);

/**
 * Crashes in all; more by RAFTDB_TEST_CRASH_POINTS, others by RAFTDB_TEST_CRASH_SEED. A database at a server takes longer
 * to open again.
 */
const asked = process.env.RAFTDB_TEST_CRASH_POINTS;
const points = { sqlite: Number(asked ?? 400), postgres: Number(asked ?? 30) };
const seed = Number(process.env.RAFTDB_TEST_CRASH_SEED ?? 2024);

/** Steps of one history in files. */
const stepsMax = 25;

type Query = (...args: unknown[]) => Promise<unknown>;

/** Called around each statement; null: nobody looks. */
let around: ((run: () => Promise<unknown>) => Promise<unknown>) | null = null;

/** Lets {@link around} see the statements of a driver. @returns What takes it back. */
function watch(prototype: { query: Query }): () => void {
  const original = prototype.query;
  prototype.query = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const run = (): Promise<unknown> => original.apply(this, args);
    return around === null || typeof args.at(-1) === 'function' ? run() : around(run);
  };
  return () => {
    prototype.query = original;
  };
}

const unwatch: (() => void)[] = [];

beforeAll(() => {
  unwatch.push(watch(BetterSqlite3QueryRunner.prototype as unknown as { query: Query }));
  unwatch.push(watch(pg.Client.prototype));
});

afterAll(() => {
  unwatch.forEach((undo) => {
    undo();
  });
});

/** Fails with the words of the step where the crash left what it may not. */
function judge(found: FoundState, passage: Passage, where: string): void {
  if (!isAllowed(found, passage)) {
    const shown = [found, passage.before, passage.after].map((state) => `${places(state.entries)} ${state.rest}`);
    throw new Error(`${passage.step.what}, ${where}: found ${shown.join('\n  before ')}`);
  }
}

async function foundIn(stores: LocalSqliteStores): Promise<FoundState> {
  const found = await findState(stores);
  await stores.log.close();
  return found;
}

it('files hold all of a step or nothing of it, whichever statement the crash met', async () => {
  const root = mkdtempSync(join(tmpdir(), 'raftdb-crash-'));
  const random = new Random(seed);
  const at = (name: string) => new LocalSqliteStores(join(root, name), () => undefined);
  let seen = 0;
  try {
    for (let history = 0; seen < points.sqlite; history += 1) {
      const name = `live-${history}`;
      const live = at(name);
      const model = new CrashModel();
      let known = await findState(live);
      for (let number = 0; number < stepsMax && seen < points.sqlite; number += 1) {
        const step = drawStep(random, known);
        const copies: string[] = [];
        around = (run) => {
          copies.push(`copy-${copies.length}`);
          cpSync(join(root, name), join(root, copies.at(-1) ?? ''), { recursive: true });
          return run();
        };
        await step.run(live);
        around = null;
        cpSync(join(root, name), join(root, 'after'), { recursive: true });
        const former = model.held;
        const passage = { step, ...(await model.take(step)) };
        for (const copy of [...copies, 'after']) {
          known = await foundIn(at(copy));
          judge(known, passage, `history ${history}, step ${number}, ${copy}`);
          rmSync(join(root, copy), { recursive: true });
        }
        await model.resume(known, former);
        seen += copies.length;
      }
      await live.log.close();
      rmSync(join(root, name), { recursive: true });
    }
  } finally {
    around = null;
    rmSync(root, { recursive: true, force: true });
  }
  expect(seen).toBeGreaterThanOrEqual(points.sqlite);
});

it('a Postgres schema holds all of a step or nothing of it, whichever statement the crash met', async () => {
  const server = await PostgresServer.start();
  const fixture = new PostgresFixture(server);
  const random = new Random(seed);
  const model = new CrashModel();
  const seen = { crashes: 0, undone: 0 };
  try {
    let stores = fixture.start();
    let known = await findState(stores);
    while (seen.crashes < points.postgres) {
      const step = drawStep(random, known);
      const crash = crashAt(fixture, { left: random.between({ from: 0, until: 6 }), isAfter: random.chance(0.5) });
      await step.run(stores).catch(() => undefined);
      around = null;
      await fixture.crash();
      stores = fixture.start();
      known = await findState(stores);
      const former = model.held;
      const passage = { step, ...(await model.take(step)) };
      judge(known, passage, `crash ${seen.crashes}`);
      await model.resume(known, former);
      seen.crashes += crash.happened ? 1 : 0;
      seen.undone += places(known.entries) === places(passage.after.entries) ? 0 : 1;
    }
  } finally {
    around = null;
    await fixture.remove();
    await server.stop();
  }
  expect(seen.undone).toBeGreaterThan(0);
  expect(seen.undone).toBeLessThan(seen.crashes);
});

/** The server ends all sessions before or after one of the statements to come. */
function crashAt(fixture: PostgresFixture, when: { left: number; readonly isAfter: boolean }): { happened: boolean } {
  const crash = { happened: false };
  around = async (run) => {
    when.left -= 1;
    if (when.left >= 0) {
      return run();
    }
    around = null;
    crash.happened = true;
    if (when.isAfter) {
      const result = await run();
      await fixture.endSessions();
      return result;
    }
    await fixture.endSessions();
    return run();
  };
  return crash;
}
