import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallDisks } from '../support/small-disks.js';
import { LocalSqliteStores } from './local-sqlite-stores.js';
import { append, chunksAt, entry, hardState, places, takeSnapshot } from './samples.js';

const MIB = 2 ** 20;

const describeWhereAllowed = (await SmallDisks.areAllowed()) ? describe : describe.skip;

describeWhereAllowed('files on a volume that is short of space', () => {
  let folder: string;
  let disks: SmallDisks;
  let stores: LocalSqliteStores;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raftdb-space-'));
    disks = new SmallDisks();
    await disks.mount(folder);
    stores = new LocalSqliteStores(folder, () => undefined);
    await stores.log.open('n1');
  });

  afterEach(async () => {
    await stores.log.close();
    await disks.unmount();
    await rm(folder, { recursive: true });
  });

  async function mebibytes(file: string): Promise<number> {
    return (await stat(join(folder, file))).size / MIB;
  }

  it('shrink when the log is freed, and hold what is left', async () => {
    const data = new Uint8Array(MIB);
    for (let index = 1; index <= 20; index += 1) {
      await stores.log.write(append([{ ...entry(index), data }], hardState(1)));
    }
    await takeSnapshot(stores.snapshots, 19);
    await disks.fill(folder, 4 * MIB);
    expect(await mebibytes('log.db')).toBeGreaterThan(15);
    await stores.log.compact(19);
    expect(await mebibytes('log.db')).toBeLessThan(8);
    await stores.log.close();
    stores = new LocalSqliteStores(folder, () => undefined);
    expect(places((await stores.log.open('n1')).entries)).toBe('20@1');
  });

  it('shrink when a draft is given up', async () => {
    await takeSnapshot(stores.snapshots, 1);
    await stores.snapshots.begin('local');
    for (const [number, chunk] of chunksAt(2, 80, MIB / 4).entries()) {
      await stores.snapshots.write('local', number, chunk);
    }
    await disks.fill(folder, 4 * MIB);
    expect(await mebibytes('snapshot.db')).toBeGreaterThan(15);
    await stores.snapshots.discard('local');
    // Tidying up goes on after the call, a slice between two others.
    for (let look = 0; look < 500 && (await mebibytes('snapshot.db')) > 8; look += 1) {
      await stores.snapshots.read(1, 0);
    }
    expect(await mebibytes('snapshot.db')).toBeLessThan(8);
    expect((await stores.snapshots.latest())?.lastIncludedIndex).toBe(1);
  });
});
