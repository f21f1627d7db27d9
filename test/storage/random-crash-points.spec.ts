import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Random } from '../../src/lib/random.js';
import { CrashModel, crashPoints, crashSeed, drawStep, findState, judge } from './crash-history.js';
import type { FoundState } from './crash-history.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';
import { watchDrivers, watchStatements } from './watch-statements.js';

jest.setTimeout(6 * 3600_000);

const points = crashPoints(400);

/** Steps of one history. */
const stepsMax = 25;

let unwatch: () => void;

beforeAll(() => {
  unwatch = watchDrivers();
});

afterAll(() => {
  unwatch();
});

async function foundIn(stores: LocalSqliteStores): Promise<FoundState> {
  const found = await findState(stores);
  await stores.log.close();
  return found;
}

it('files hold all of a step or nothing of it, whichever statement the crash met', async () => {
  const root = mkdtempSync(join(tmpdir(), 'raftdb-crash-'));
  const random = new Random(crashSeed);
  const at = (name: string) => new LocalSqliteStores(join(root, name), () => undefined);
  let seen = 0;
  try {
    for (let history = 0; seen < points; history += 1) {
      const name = `live-${history}`;
      const live = at(name);
      const model = new CrashModel();
      let known = await findState(live);
      for (let number = 0; number < stepsMax && seen < points; number += 1) {
        const step = drawStep(random, known);
        const copies: string[] = [];
        const copy = (run: () => Promise<unknown>): Promise<unknown> => {
          copies.push(`copy-${copies.length}`);
          cpSync(join(root, name), join(root, copies.at(-1) ?? ''), { recursive: true });
          return run();
        };
        await watchStatements(copy, () => step.run(live));
        cpSync(join(root, name), join(root, 'after'), { recursive: true });
        const former = model.held;
        const passage = { step, ...(await model.take(step)) };
        for (const place of [...copies, 'after']) {
          known = await foundIn(at(place));
          const isDone = place === 'after';
          judge(known, { ...passage, isDone }, `history ${history}, step ${number}, ${place}`);
          rmSync(join(root, place), { recursive: true });
        }
        await model.resume(known, former);
        seen += copies.length;
      }
      await live.log.close();
      rmSync(join(root, name), { recursive: true });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  expect(seen).toBeGreaterThanOrEqual(points);
});
