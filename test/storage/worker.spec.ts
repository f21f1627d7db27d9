import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LogStore } from '../../src/ports/log-store.port.js';
import { SnapshotStore } from '../../src/ports/snapshot-store.port.js';
import type { ProofStep } from '../../src/ports/snapshot-store.port.js';
import { StorageFailure } from '../../src/storage/storage-failure.js';
import { StorageModule } from '../../src/storage/storage.module.js';
import type { WorkerClient } from '../../src/storage/worker-client.js';
import { append, chunksAt, entries, entry, hardState, metadata, places, takeSnapshot } from './samples.js';
import { WorkerFixture } from './store-fixture.js';

/** A thread starts slowly on a busy machine. */
jest.setTimeout(60_000);

/** Ends the worker as a fault in native code would. */
async function killWorker(client: WorkerClient): Promise<void> {
  const { worker } = client as unknown as { readonly worker: { terminate(): Promise<number> } };
  await worker.terminate();
}

describe('the storage worker', () => {
  let fixture: WorkerFixture;

  beforeEach(() => {
    fixture = new WorkerFixture();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  it.each([
    ['a whole buffer', new Uint8Array(5).fill(1)],
    ['a part of one', new Uint8Array(1000).fill(1).subarray(10, 15)],
  ])('takes %s as a chunk as it is at the call', async (_what, chunk) => {
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    await snapshots.begin('local');
    const done = snapshots.write('local', 0, chunk);
    chunk.fill(2);
    await done;
    await snapshots.commit('local', metadata(4, [chunk]));

    expect([...((await snapshots.read(4, 0)) ?? [])]).toEqual([1, 1, 1, 1, 1]);
  });

  it('keeps log and snapshots over a crash', async () => {
    const first = fixture.start();
    await first.log.open('n1');
    const chunks = chunksAt(4, 40, 500);
    await Promise.all([
      first.log.setClusterId('c1'),
      first.log.write(append(entries({ first: 1, last: 500 }), hardState(1, 4, 'n1'))),
      first.log.write(append(entries({ first: 400, last: 401, term: 2 }), hardState(2))),
      takeSnapshot(first.snapshots, 4, { chunks, draft: 'received' }),
    ]);
    await first.log.compact(4);
    await fixture.crash();

    const { log, snapshots } = fixture.start();
    const found = await log.open('n1');

    expect(found.identity).toMatchObject({ nodeId: 'n1', clusterId: 'c1', bootNumber: 2 });
    expect(found.hardState).toEqual(hardState(2, 4));
    expect(found.entries).toEqual([
      ...entries({ first: 1, last: 399 }),
      ...entries({ first: 400, last: 401, term: 2 }),
    ]);
    expect(await snapshots.latest()).toEqual(metadata(4, chunks));
    expect(await snapshots.read(4, 39)).toEqual(chunks[39]);
    expect(await snapshots.read(4, 40)).toBeNull();
  });

  it('tells of a snapshot that it proves chunk by chunk, of a long one too', async () => {
    const first = fixture.start();
    await first.log.open('n1');
    const chunks = chunksAt(4, 40, 500);
    await takeSnapshot(first.snapshots, 4, { chunks });
    await fixture.crash();

    const { log, snapshots } = fixture.start();
    const steps: ProofStep[] = [];
    snapshots.onProof = async (step) => {
      steps.push(step);
      await new Promise(setImmediate);
    };
    await log.open('n1');

    expect(steps).toEqual([
      { kind: 'begin', index: 4 },
      ...chunks.map((data) => ({ kind: 'chunk', data })),
      { kind: 'end' },
    ]);
    expect(await snapshots.read(4, 39)).toEqual(chunks[39]);
  });

  it('takes buffers by copy: the caller sends them elsewhere at the same time', async () => {
    const { log, snapshots } = fixture.start();
    await log.open('n1');
    const given = entry(1);
    const chunk = new Uint8Array([1, 2, 3]);
    await log.write(append([given], hardState(1)));
    await takeSnapshot(snapshots, 1, { chunks: [chunk] });

    expect(given.data).toEqual(entry(1).data);
    expect([...chunk]).toEqual([1, 2, 3]);
  });

  it('says what is wrong in words and codes, and may be asked again', async () => {
    const first = fixture.start();
    const second = fixture.start();
    await first.log.open('n1');

    await expect(second.log.open('n1')).rejects.toMatchObject({
      name: 'StorageError',
      code: 'LOCKED',
      isOutage: false,
    });
    await first.log.close();
    await expect(second.log.open('n2')).rejects.toMatchObject({ code: 'FOREIGN' });
    expect((await second.log.open('n1')).identity.bootNumber).toBe(2);
    await expect(second.log.write(append([entry(9)]))).rejects.toThrow('broken invariant: entry 9 does not follow');
    expect(fixture.failures).toEqual([]);
  });

  it('takes every call with it when it dies, and reports it once', async () => {
    const { log, snapshots, client } = fixture.start();
    await log.open('n1');
    const write = log.write(append([entry(1)], hardState(1)));
    const read = snapshots.read(1, 0);
    const outcomes = Promise.allSettled([write, read]);
    await killWorker(client);

    const lost = (await outcomes).filter((outcome) => outcome.status === 'rejected');
    expect(lost).toEqual(lost.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'IO' }) })));
    await expect(log.write(append([entry(2)]))).rejects.toMatchObject({ code: 'IO', isOutage: false });
    await expect(log.open('n1')).rejects.toMatchObject({ code: 'IO' });
    expect(fixture.failures).toHaveLength(1);
    await log.close();
  });

  it('is a module of Nest that opens on demand and closes with the application', async () => {
    const build = () =>
      Test.createTestingModule({
        imports: [StorageModule.register({ kind: 'sqlite', dataDir: fixture.dataDir })],
      }).compile();
    const first = await build();
    await first.get(LogStore).open('n1');
    await first.get(LogStore).write(append([entry(1)], hardState(1)));
    await takeSnapshot(first.get(SnapshotStore), 1);
    expect(first.get(StorageFailure).happened).toBeInstanceOf(Promise);
    await first.close();

    const second = await build();
    const found = await second.get(LogStore).open('n1');
    const latest = await second.get(SnapshotStore).latest();
    await second.close();

    expect(places(found.entries)).toBe('1@1');
    expect(latest?.lastIncludedIndex).toBe(1);
    await (await build()).close();
  });
});
