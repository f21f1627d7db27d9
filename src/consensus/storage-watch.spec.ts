import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FreeSpace } from '../ports/free-space.port.js';
import { StorageWatch } from './storage-watch.js';

class SettableSpace extends FreeSpace {
  free: number | null = 1000;
  looks = 0;

  override bytes(): Promise<number | null> {
    this.looks += 1;
    return Promise.resolve(this.free);
  }
}

const reserveBytes = 800;
let space: SettableSpace;
let changes: boolean[];
let watch: StorageWatch;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  Logger.overrideLogger(false);
  space = new SettableSpace();
  changes = [];
  watch = new StorageWatch(space, reserveBytes, (isFull) => changes.push(isFull));
});

afterEach(() => {
  watch.stop();
  jest.useRealTimers();
  Logger.overrideLogger(true);
});

async function lookWith(free: number | null): Promise<boolean[]> {
  space.free = free;
  jest.advanceTimersByTime(1000);
  await setImmediate();
  return changes;
}

describe('StorageWatch', () => {
  it('says when less than the reserve is free, once', async () => {
    expect(await lookWith(800)).toEqual([]);
    expect(await lookWith(799)).toEqual([true]);
    expect(await lookWith(10)).toEqual([true]);
  });

  it('says that there is room only with a margin above the reserve', async () => {
    await lookWith(0);
    expect(await lookWith(899)).toEqual([true]);
    expect(await lookWith(900)).toEqual([true, false]);
  });

  it('changes nothing where nobody can say', async () => {
    await lookWith(0);
    expect(await lookWith(null)).toEqual([true]);
  });

  it('looks no more once it is stopped', async () => {
    watch.stop();
    const { looks } = space;
    await lookWith(0);
    expect([space.looks, changes]).toEqual([looks, []]);
  });
});
