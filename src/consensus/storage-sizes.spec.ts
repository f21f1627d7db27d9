import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deferred } from '../lib/deferred.js';
import { Clock } from '../ports/clock.port.js';
import { FreeSpace } from '../ports/free-space.port.js';
import { StoredSize } from '../ports/stored-size.port.js';
import type { StorageSizes } from './storage-sizes.js';
import { StorageLook } from './storage-sizes.js';

class SlowSize extends StoredSize {
  readonly questions: Deferred<number | null>[] = [];

  override bytes(): Promise<number | null> {
    const question = new Deferred<number | null>();
    this.questions.push(question);
    return question.promise;
  }
}

class KnownSpace extends FreeSpace {
  override bytes(): Promise<number> {
    return Promise.resolve(70);
  }
}

class SettableClock extends Clock {
  ms = 0;

  override nowMs(): number {
    return this.ms;
  }
}

const patienceMs = 500;
let clock: SettableClock;
let storedSize: SlowSize;
let look: StorageLook;

beforeEach(() => {
  jest.useFakeTimers();
  clock = new SettableClock();
  storedSize = new SlowSize();
  look = new StorageLook({ storedSize, freeSpace: new KnownSpace(), clock }, patienceMs);
});

afterEach(() => {
  jest.useRealTimers();
});

/** Lets the storage answer the question that waits. */
function answer(bytes: number | null): void {
  storedSize.questions.at(-1)?.resolve(bytes);
}

async function sizesAfter(bytes: number | null): Promise<StorageSizes> {
  const sizes = look.sizes();
  answer(bytes);
  return sizes;
}

describe('StorageLook', () => {
  it('tells what is used and what is free', async () => {
    expect(await sizesAfter(30)).toEqual({ usedBytes: 30, freeBytes: 70 });
  });

  it('gives its answer again for a second, and asks anew then', async () => {
    await sizesAfter(30);
    clock.ms = 999;
    expect((await look.sizes()).usedBytes).toBe(30);
    clock.ms = 1000;
    expect((await sizesAfter(31)).usedBytes).toBe(31);
    expect(storedSize.questions).toHaveLength(2);
  });

  it('asks anew at once where nothing was known', async () => {
    expect((await sizesAfter(null)).usedBytes).toBeNull();
    expect((await sizesAfter(31)).usedBytes).toBe(31);
  });

  it('knows nothing of a storage that does not answer in time, and asks it nothing more meanwhile', async () => {
    const early = look.sizes();
    await jest.advanceTimersByTimeAsync(patienceMs);
    expect(await early).toEqual({ usedBytes: null, freeBytes: null });
    clock.ms = 5000;
    const late = look.sizes();
    expect(storedSize.questions).toHaveLength(1);
    answer(40);
    expect((await late).usedBytes).toBe(40);
  });
});
