import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SimStateMachine } from '../../test/simulation/sim-state-machine.js';
import { InMemoryDisk } from '../../test/support/in-memory-stores.js';
import type { InMemoryStores } from '../../test/support/in-memory-stores.js';
import { Deferred } from '../lib/deferred.js';
import { FreeSpace } from '../ports/free-space.port.js';
import { Configuration } from '../raft/index.js';
import type { SnapshotMetadata } from '../raft/index.js';
import { idempotencyLimits } from '../state-machine/index.js';
import { StorageError } from '../storage/storage.errors.js';
import type { RaftInput } from './raft-input.js';
import { Metrics } from '../metrics/metrics.js';
import { SnapshotWorker } from './snapshot-worker.js';

class SettableSpace extends FreeSpace {
  free = 1000;

  override bytes(): Promise<number> {
    return Promise.resolve(this.free);
  }
}

const full = (): StorageError => new StorageError('FULL', 'no space');
const position = {
  lastIncludedIndex: 3,
  lastIncludedTerm: 1,
  lastIncludedTimeMs: 0,
  configuration: Configuration.empty,
};

const newStateMachine = (): SimStateMachine => new SimStateMachine(idempotencyLimits, 1000);

let disk: InMemoryDisk;
let stores: InMemoryStores;
let space: SettableSpace;
let worker: SnapshotWorker;
let ended: Deferred<RaftInput>;

beforeEach(async () => {
  Logger.overrideLogger(false);
  disk = new InMemoryDisk();
  stores = disk.start();
  await stores.log.open('n1');
  space = new SettableSpace();
  ended = new Deferred();
  worker = new SnapshotWorker(
    stores.snapshots,
    newStateMachine(),
    {
      submit: (input) => {
        ended.resolve(input);
      },
      fail: (error) => {
        ended.reject(error as Error);
      },
      metrics: new Metrics(),
    },
    { freeSpace: space, reserveBytes: 800 },
  );
});

afterEach(() => {
  Logger.overrideLogger(true);
});

function take(): Promise<RaftInput> {
  ended = new Deferred();
  worker.take({ position, pieces: newStateMachine().snapshot() });
  return ended.promise;
}

/** The leader sends the first chunk of its snapshot. */
function receive(): Promise<RaftInput> {
  ended = new Deferred();
  const [data = new Uint8Array()] = newStateMachine().snapshot();
  const metadata: SnapshotMetadata = { ...position, chunkCount: 2, byteCount: 2 * data.length };
  worker.run({ kind: 'storeChunk', metadata, chunk: 0, data });
  return ended.promise;
}

describe('without space for it', () => {
  it('a snapshot of the own state comes to nothing, and the next one to an end', async () => {
    disk.failNext(full());
    expect(await take()).toEqual({ type: 'snapshotFailed' });
    expect(disk.snapshots).toEqual([]);
    expect(await take()).toMatchObject({ type: 'snapshotTaken' });
    expect(disk.snapshots).toHaveLength(1);
  });

  it('a snapshot of the leader is turned away', async () => {
    disk.failNext(full());
    expect(await receive()).toEqual({ type: 'snapshotRejected' });
    expect(await receive()).toMatchObject({ type: 'chunkStored' });
  });

  it('any other error of the store is the end', async () => {
    disk.failNext(new StorageError('IO', 'EIO'));
    await expect(take()).rejects.toThrow('EIO');
  });
});

describe('a quarter of the reserve', () => {
  it('is left to the log', async () => {
    space.free = 199;
    expect(await take()).toEqual({ type: 'snapshotFailed' });
    expect(await receive()).toEqual({ type: 'snapshotRejected' });
    space.free = 200;
    expect(await take()).toMatchObject({ type: 'snapshotTaken' });
    expect(await receive()).toMatchObject({ type: 'chunkStored' });
  });
});
