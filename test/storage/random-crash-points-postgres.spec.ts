import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { Random } from '../../src/lib/random.js';
import { crashPoints, crashSeed } from './crash-history.js';
import { PostgresCrashHistory, moments } from './postgres-crash-history.js';
import type { CrashCounts } from './postgres-crash-history.js';
import { PostgresFixture } from './postgres-fixture.js';
import { watchDrivers } from './watch-statements.js';

jest.setTimeout(6 * 3600_000);

const points = crashPoints(90);

/** Crashes of one history. */
const pointsPerHistory = 30;

/** Histories at a time: while the server starts a session for one, another goes on. */
const historiesAtOnce = 3;

let server: PostgresServer;
let unwatch: () => void;

beforeAll(async () => {
  server = await PostgresServer.start();
  unwatch = watchDrivers();
});

afterAll(async () => {
  unwatch();
  await server.stop();
});

async function runHistory(number: number, counts: CrashCounts): Promise<void> {
  const fixture = new PostgresFixture(server);
  try {
    const random = new Random(crashSeed + number);
    const crashes = Math.min(pointsPerHistory, points - number * pointsPerHistory);
    await new PostgresCrashHistory(fixture, random, `history ${number}`, counts).run(crashes);
  } finally {
    await fixture.remove();
  }
}

it('a Postgres schema holds all of a step or nothing of it, whichever statement the crash met', async () => {
  const counts: CrashCounts = { crashes: 0, undone: 0, statements: new Map() };
  const numbers = Array.from({ length: Math.ceil(points / pointsPerHistory) }, (_, number) => number).values();
  const runners = Array.from({ length: historiesAtOnce }, async () => {
    for (const number of numbers) {
      await runHistory(number, counts);
    }
  });
  const ends = await Promise.allSettled(runners);

  expect(ends).toEqual(runners.map(() => ({ status: 'fulfilled', value: undefined })));
  expect(counts.crashes).toBe(points);
  const met = [...counts.statements.keys()];
  expect(moments.filter((moment) => met.some((statement) => statement.startsWith(moment)))).toEqual(moments);
  expect(met.some((statement) => statement.endsWith(' COMMIT'))).toBe(true);
  expect(counts.undone).toBeGreaterThan(0);
  expect(counts.undone).toBeLessThan(counts.crashes);
});
