import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { prepareWorker, takeWorker } from '../../src/storage/prepared-worker.js';

/** A thread starts slowly on a busy machine. */
jest.setTimeout(60_000);

describe('a worker that is started ahead of time', () => {
  let dataDir: string;
  const taken: Worker[] = [];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'raftdb-prepared-'));
  });

  afterEach(async () => {
    await Promise.all(taken.splice(0).map((worker) => worker.terminate()));
    rmSync(dataDir, { recursive: true, force: true });
  });

  function take(folder = dataDir): Worker {
    const worker = takeWorker({ dataDir: folder });
    taken.push(worker);
    return worker;
  }

  /** The answer to a call that needs open data, given once the modules are loaded. */
  async function refusalOf(worker: Worker): Promise<unknown> {
    worker.postMessage({ id: 1, name: 'latestSnapshot', argument: null });
    const [reply] = (await once(worker, 'message')) as unknown[];
    return reply;
  }

  it('is taken once, and has touched no data', async () => {
    const worker = prepareWorker({ dataDir });

    expect(take()).toBe(worker);
    expect(await refusalOf(worker)).toMatchObject({ kind: 'failed', id: 1, error: { code: 'CLOSED' } });
    expect(readdirSync(dataDir)).toEqual([]);
    expect(take()).not.toBe(worker);
  });

  it('is not given to whoever has other data', () => {
    const worker = prepareWorker({ dataDir });

    expect(take(join(dataDir, 'other'))).not.toBe(worker);
    expect(take()).toBe(worker);
  });

  it('is not given out once it has ended', async () => {
    const worker = prepareWorker({ dataDir });
    await worker.terminate();

    expect(take()).not.toBe(worker);
  });
});
