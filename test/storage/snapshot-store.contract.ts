/* eslint-disable jest/no-export -- A contract is a set of tests that each store's own spec runs. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreFixture, StartedStores } from './store-fixture.js';
import { chunksAt, members, metadata, takeSnapshot } from './samples.js';

/** What every snapshot store keeps, whatever it stores in. */
export function describeSnapshotStore(name: string, makeFixture: () => StoreFixture): void {
  describe(`the snapshot store on ${name}`, () => {
    let fixture: StoreFixture;
    let stores: StartedStores;

    beforeEach(async () => {
      fixture = makeFixture();
      stores = fixture.start();
      await stores.log.open('n1');
    });

    afterEach(async () => {
      await fixture.remove();
    });

    async function restart(): Promise<void> {
      await fixture.crash();
      stores = fixture.start();
      await stores.log.open('n1');
    }

    /** All chunks of the snapshot at `index`, up to the first that is not there. */
    async function readAll(index: number): Promise<Uint8Array[]> {
      const chunks: Uint8Array[] = [];
      for (let chunk = 0; ; chunk += 1) {
        const data = await stores.snapshots.read(index, chunk);
        if (data === null) {
          return chunks;
        }
        chunks.push(data);
      }
    }

    it('has none at first', async () => {
      expect(await stores.snapshots.latest()).toBeNull();
      expect(await stores.snapshots.read(0, 0)).toBeNull();
      expect(await stores.snapshots.read(5, 0)).toBeNull();
    });

    it('keeps a complete snapshot over a crash, its members included', async () => {
      const chunks = chunksAt(9, 40, 500);
      await takeSnapshot(stores.snapshots, 9, { chunks });
      const before = await stores.snapshots.latest();
      await restart();
      const after = await stores.snapshots.latest();

      expect(before).toEqual(metadata(9, chunks));
      expect(after).toEqual(metadata(9, chunks));
      expect(after?.configuration.isVoter('n1')).toBe(true);
      expect(after?.configuration.members).toEqual(members.members);
      expect(await readAll(9)).toEqual(chunks);
      expect(await stores.snapshots.read(9, -1)).toBeNull();
    });

    it('shows nothing of a draft, and a crash leaves nothing of it', async () => {
      await takeSnapshot(stores.snapshots, 5);
      await stores.snapshots.begin('local');
      await stores.snapshots.write('local', 0, new Uint8Array(10));
      expect(await stores.snapshots.latest()).toEqual(metadata(5, chunksAt(5, 3)));
      await restart();

      expect(await stores.snapshots.latest()).toEqual(metadata(5, chunksAt(5, 3)));
      await expect(stores.snapshots.write('local', 1, new Uint8Array(10))).rejects.toThrow('no local snapshot');
    });

    it('keeps the two newest and drops the third', async () => {
      for (const index of [10, 20, 30]) {
        await takeSnapshot(stores.snapshots, index);
      }

      expect(await readAll(10)).toEqual([]);
      await restart();
      expect((await stores.snapshots.latest())?.lastIncludedIndex).toBe(30);
      expect(await readAll(10)).toEqual([]);
      expect(await readAll(20)).toEqual(chunksAt(20, 3));
      expect(await readAll(30)).toEqual(chunksAt(30, 3));
    });

    it('lets a snapshot be taken while another is received', async () => {
      const [local, received] = [chunksAt(10, 2), chunksAt(40, 2)];
      await stores.snapshots.begin('local');
      await stores.snapshots.begin('received');
      for (const chunk of [0, 1]) {
        await stores.snapshots.write('local', chunk, local[chunk] ?? new Uint8Array(0));
        await stores.snapshots.write('received', chunk, received[chunk] ?? new Uint8Array(0));
      }
      await stores.snapshots.commit('received', metadata(40, received));
      await stores.snapshots.commit('local', metadata(10, local));

      expect((await stores.snapshots.latest())?.lastIncludedIndex).toBe(40);
      expect(await readAll(40)).toEqual(received);
      expect(await readAll(10)).toEqual(local);
    });

    it('replaces a snapshot at the same index and keeps the one before', async () => {
      await takeSnapshot(stores.snapshots, 10);
      await takeSnapshot(stores.snapshots, 20);
      await takeSnapshot(stores.snapshots, 20, { chunks: chunksAt(99, 5), draft: 'received' });
      await restart();

      expect(await stores.snapshots.latest()).toEqual(metadata(20, chunksAt(99, 5)));
      expect(await readAll(20)).toEqual(chunksAt(99, 5));
      expect(await readAll(10)).toEqual(chunksAt(10, 3));
    });

    it('forgets a draft when another of its kind is begun, or it is discarded', async () => {
      await stores.snapshots.begin('received');
      await stores.snapshots.write('received', 0, new Uint8Array([1]));
      await takeSnapshot(stores.snapshots, 7, { draft: 'received' });
      await stores.snapshots.begin('received');
      await stores.snapshots.write('received', 0, new Uint8Array([1]));
      await stores.snapshots.discard('received');
      await stores.snapshots.discard('received');
      await stores.snapshots.discard('local');

      expect(await readAll(7)).toEqual(chunksAt(7, 3));
      await expect(stores.snapshots.write('received', 1, new Uint8Array([1]))).rejects.toThrow('no received snapshot');
    });

    it('takes calls in their order when nobody waits in between', async () => {
      const chunks = chunksAt(3, 20);
      await Promise.all([
        stores.snapshots.begin('local'),
        ...chunks.map((chunk, number) => stores.snapshots.write('local', number, chunk)),
        stores.snapshots.commit('local', metadata(3, chunks)),
      ]);

      expect(await readAll(3)).toEqual(chunks);
    });

    it('stores the bytes of a view, not of the buffer behind it', async () => {
      const frame = new Uint8Array(1000).fill(1);
      const view = frame.subarray(10, 15);
      await stores.snapshots.begin('received');
      const done = stores.snapshots.write('received', 0, view);
      frame.fill(2);
      await done;
      await stores.snapshots.commit('received', metadata(4, [view]));

      expect([...((await stores.snapshots.read(4, 0)) ?? [])]).toEqual([1, 1, 1, 1, 1]);
    });

    it('stores the bytes of a whole buffer as they are at the call', async () => {
      const chunk = new Uint8Array(5).fill(1);
      await stores.snapshots.begin('local');
      const done = stores.snapshots.write('local', 0, chunk);
      chunk.fill(2);
      await done;
      await stores.snapshots.commit('local', metadata(4, [chunk]));

      expect([...((await stores.snapshots.read(4, 0)) ?? [])]).toEqual([1, 1, 1, 1, 1]);
    });

    it('stops at chunks with a gap and at a commit that claims others than were written', async () => {
      await stores.snapshots.begin('local');
      await stores.snapshots.write('local', 0, new Uint8Array(3));
      await expect(stores.snapshots.write('local', 2, new Uint8Array(3))).rejects.toThrow('broken invariant');
      await restart();
      await stores.snapshots.begin('local');
      await stores.snapshots.write('local', 0, new Uint8Array(3));
      await expect(stores.snapshots.commit('local', metadata(4, chunksAt(4, 2)))).rejects.toThrow('chunks');
      await restart();
      await stores.snapshots.begin('local');
      await stores.snapshots.write('local', 0, new Uint8Array(3));
      await expect(stores.snapshots.commit('local', metadata(4, chunksAt(4, 1)))).rejects.toThrow('bytes');
      await restart();

      expect(await stores.snapshots.latest()).toBeNull();
    });
  });
}
