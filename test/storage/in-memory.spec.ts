import { describe, expect, it } from '@jest/globals';
import { StorageError } from '../../src/storage/storage.errors.js';
import { InMemoryDisk } from '../support/in-memory-stores.js';
import { describeLogStore } from './log-store.contract.js';
import { append, entry, hardState, places } from './samples.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';
import { InMemoryFixture } from './store-fixture.js';

describeLogStore('memory', () => new InMemoryFixture());
describeSnapshotStore('memory', () => new InMemoryFixture());

describe('the in-memory disk', () => {
  it('loses the writes that a crash meets before they are done', async () => {
    const disk = new InMemoryDisk();
    const { log } = disk.start();
    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    disk.hold();
    let isAnswered = false;
    const note = () => {
      isAnswered = true;
    };
    log.write(append([entry(2)])).then(note, note);
    disk.crash();
    disk.release();

    const found = await disk.start().log.open('n1');

    expect(places(found.entries)).toBe('1@1');
    expect(isAnswered).toBe(false);
  });

  it('lets held writes go on in their order', async () => {
    const disk = new InMemoryDisk();
    const { log } = disk.start();
    await log.open('n1');
    disk.hold();
    const writes = [log.write(append([entry(1)], hardState(1))), log.write(append([entry(2)]))];
    disk.release();
    await Promise.all(writes);

    expect(places((await disk.start().log.open('n1')).entries)).toBe('1@1 2@1');
  });

  it('fails a write on demand and goes on once it is opened again', async () => {
    const disk = new InMemoryDisk();
    const { log } = disk.start();
    await log.open('n1');
    disk.failNext(new StorageError('FULL', 'no space'));

    await expect(log.write(append([entry(1)], hardState(1)))).rejects.toMatchObject({ code: 'FULL' });
    await expect(log.write(append([entry(1)], hardState(1)))).rejects.toMatchObject({ code: 'FULL' });

    await log.open('n1');
    await log.write(append([entry(1)], hardState(1)));
    expect(places(disk.entries)).toBe('1@1');
  });
});
