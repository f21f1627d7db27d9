/* eslint-disable jest/no-export -- A contract is a set of tests that each store's own spec runs. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import type { Entry } from '../../src/raft/index.js';
import type { StoreFixture, StartedStores } from './store-fixture.js';
import { append, chunksAt, entries, entry, hardState, metadata, places, takeSnapshot } from './samples.js';

/** What every log store keeps, whatever it stores in. */
export function describeLogStore(name: string, makeFixture: () => StoreFixture): void {
  describe(`the log store on ${name}`, () => {
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

    /** What a process finds that starts after a crash. */
    async function afterCrash() {
      await fixture.crash();
      stores = fixture.start();
      return stores.log.open('n1');
    }

    /** What a process finds that starts after the stores were closed. */
    async function afterClose() {
      await stores.log.close();
      stores = fixture.start();
      return stores.log.open('n1');
    }

    it('is empty at first and knows its instance and its starts from then on', async () => {
      const second = await afterCrash();
      const third = await afterClose();

      expect(second).toEqual({
        identity: { nodeId: 'n1', instanceId: second.identity.instanceId, clusterId: null, bootNumber: 2 },
        hardState: null,
        entries: [],
      });
      expect(second.identity.instanceId).toMatch(/^[0-9a-f]{32}$/);
      expect(third.identity).toEqual({ ...second.identity, bootNumber: 3 });
    });

    it('keeps entries and hard state over a crash and over a close', async () => {
      const written: Entry[] = [
        { index: 1, term: 1, kind: 'configuration', timeMs: 0, proposal: null, data: new Uint8Array([1, 2, 3]) },
        { index: 2, term: 2, kind: 'noop', timeMs: 5, proposal: null, data: new Uint8Array(0) },
        entry(3, 2),
      ];
      await stores.log.write(append(written.slice(0, 1), hardState(1, 1, 'n1')));
      await stores.log.write(append(written.slice(1), hardState(2, 2, 'n2')));

      const crashed = await afterCrash();
      const closed = await afterClose();

      expect(crashed.entries).toEqual(written);
      expect(crashed.hardState).toEqual(hardState(2, 2, 'n2'));
      expect(closed.entries).toEqual(written);
      expect(closed.hardState).toEqual(hardState(2, 2, 'n2'));
    });

    it('keeps a hard state that is written alone', async () => {
      await stores.log.write(append([], hardState(7, 0, 'n3')));

      expect((await afterCrash()).hardState).toEqual(hardState(7, 0, 'n3'));
    });

    it('keeps entries of megabytes, many in one write', async () => {
      const large = Array.from({ length: 5 }, (_, place) => ({
        ...entry(place + 1),
        data: new Uint8Array(700_000).fill(place),
      }));
      await stores.log.write(append([...large, ...entries({ first: 6, last: 2000 })], hardState(1)));

      const found = await afterCrash();

      expect(found.entries).toHaveLength(2000);
      expect(found.entries.slice(0, 5).map(({ data }) => [data.length, data[699_999]])).toEqual(
        large.map(({ data }) => [700_000, data[699_999]]),
      );
      expect(places(found.entries.slice(1997))).toBe('1998@1 1999@1 2000@1');
    });

    it('keeps indexes, terms and times up to 2^53 - 1', async () => {
      const top = Number.MAX_SAFE_INTEGER;
      const base = { index: top - 3, term: top - 1 };
      const chunks = chunksAt(1, 1);
      const snapshot = {
        ...metadata(1, chunks),
        lastIncludedIndex: base.index,
        lastIncludedTerm: base.term,
        lastIncludedTimeMs: top,
      };
      await stores.snapshots.begin('received');
      await stores.snapshots.write('received', 0, at(chunks, 0));
      await stores.snapshots.commit('received', snapshot);
      const written = [top - 2, top - 1, top].map((index) => ({ ...entry(index, top), timeMs: top }));
      await stores.log.write({ reset: base, entries: written, hardState: hardState(top, top - 1, 'n1') });

      const found = await afterCrash();

      expect(found.entries).toEqual(written);
      expect(found.hardState).toEqual({ currentTerm: top, votedFor: 'n1', commitIndex: top - 1 });
      expect(await stores.snapshots.latest()).toEqual(snapshot);
    });

    it('keeps what was given, not what the caller makes of the buffer afterwards', async () => {
      const data = new Uint8Array([1, 2, 3]);
      const done = stores.log.write(append([{ ...entry(1), data }], hardState(1)));
      data.fill(9);
      await done;

      expect([...((await afterCrash()).entries[0]?.data ?? [])]).toEqual([1, 2, 3]);
    });

    it('replaces the end of the log by entries of a later term and leaves nothing of it', async () => {
      await stores.log.write(append(entries({ first: 1, last: 4 }), hardState(1)));
      await stores.log.write(append(entries({ first: 5, last: 10 })));
      await stores.log.write(append(entries({ first: 5, last: 6, term: 2 }), hardState(2)));

      expect(places((await afterCrash()).entries)).toBe('1@1 2@1 3@1 4@1 5@2 6@2');
    });

    it('cuts a batch that a conflict meets in its middle', async () => {
      await stores.log.write(append(entries({ first: 1, last: 3 }), hardState(1)));
      await stores.log.write(append(entries({ first: 4, last: 9 })));
      await stores.log.write(append(entries({ first: 10, last: 12 })));
      await stores.log.write(append(entries({ first: 7, last: 7, term: 3 }), hardState(3)));
      await stores.log.write(append(entries({ first: 8, last: 9, term: 3 })));

      const found = await afterCrash();

      expect(places(found.entries)).toBe('1@1 2@1 3@1 4@1 5@1 6@1 7@3 8@3 9@3');
      expect(found.entries.slice(3, 6)).toEqual(entries({ first: 4, last: 6 }));
    });

    it('takes entries that it has already', async () => {
      await stores.log.write(append(entries({ first: 1, last: 3 }), hardState(1)));
      await stores.log.write(append(entries({ first: 4, last: 6 }), hardState(1, 4)));
      await stores.log.write(append(entries({ first: 2, last: 8 })));

      expect((await afterCrash()).entries).toEqual(entries({ first: 1, last: 8 }));
    });

    it('replaces the whole log by the position of a snapshot', async () => {
      await stores.log.write(append(entries({ first: 1, last: 10 }), hardState(1)));
      await takeSnapshot(stores.snapshots, 50);
      await stores.log.write({ reset: { index: 50, term: 1 }, entries: [], hardState: hardState(1, 50) });
      const empty = await afterCrash();
      await stores.log.write(append(entries({ first: 51, last: 52 })));

      const found = await afterCrash();

      expect(empty.entries).toEqual([]);
      expect(empty.hardState).toEqual(hardState(1, 50));
      expect(places(found.entries)).toBe('51@1 52@1');
    });

    it('replaces the log and appends in one write', async () => {
      await stores.log.write(append(entries({ first: 1, last: 60 }), hardState(1)));
      await takeSnapshot(stores.snapshots, 50);
      await stores.log.write({
        reset: { index: 50, term: 2 },
        entries: entries({ first: 51, last: 53, term: 2 }),
        hardState: hardState(2),
      });

      expect(places((await afterCrash()).entries)).toBe('51@2 52@2 53@2');
    });

    it('stores no commit index above the last entry that is stored with it, and never takes one back', async () => {
      await stores.log.write(append(entries({ first: 1, last: 3 }), hardState(1, 9)));
      const clipped = await afterCrash();
      await stores.log.write(append(entries({ first: 4, last: 5 }), hardState(1, 4)));
      await stores.log.write(append([], hardState(1, 2)));

      expect(clipped.hardState?.commitIndex).toBe(3);
      expect((await afterCrash()).hardState?.commitIndex).toBe(4);
    });

    it('takes calls in their order when nobody waits in between', async () => {
      const calls = [
        stores.log.write(append(entries({ first: 1, last: 5 }), hardState(1))),
        stores.log.write(append(entries({ first: 4, last: 4, term: 2 }), hardState(2))),
        stores.log.setClusterId('c1'),
        stores.log.write(append(entries({ first: 5, last: 6, term: 2 }))),
        stores.log.compact(0),
        stores.log.write(append(entries({ first: 6, last: 6, term: 3 }), hardState(3, 6, 'n2'))),
      ];
      await Promise.all(calls);

      const found = await afterCrash();

      expect(places(found.entries)).toBe('1@1 2@1 3@1 4@2 5@2 6@3');
      expect(found.hardState).toEqual(hardState(3, 6, 'n2'));
      expect(found.identity.clusterId).toBe('c1');
    });

    it('finishes the calls that were made before it closes', async () => {
      const writes = Array.from({ length: 20 }, (_, place) =>
        stores.log.write(append([entry(place + 1)], hardState(1))),
      );
      const found = await afterClose();

      await Promise.all(writes);
      expect(found.entries).toHaveLength(20);
    });

    it('frees entries up to an index and never one above it', async () => {
      for (let first = 1; first <= 30; first += 3) {
        await stores.log.write(append(entries({ first, last: first + 2 }), hardState(1)));
      }
      await takeSnapshot(stores.snapshots, 20);
      await stores.log.compact(20);
      await stores.log.write(append(entries({ first: 31, last: 31 })));

      const found = await afterCrash();

      const first = found.entries[0]?.index ?? 0;
      expect(first).toBeGreaterThan(1);
      expect(first).toBeLessThanOrEqual(21);
      expect(found.entries).toEqual(entries({ first, last: 31 }));
    });

    it('goes on after all of the log was freed', async () => {
      await stores.log.write(append(entries({ first: 1, last: 200 }), hardState(1)));
      await takeSnapshot(stores.snapshots, 200);
      await stores.log.compact(200);
      const empty = await afterCrash();
      await stores.log.write(append(entries({ first: 201, last: 202 }), hardState(1, 202)));

      expect(empty.entries).toEqual([]);
      expect(places((await afterCrash()).entries)).toBe('201@1 202@1');
    });

    it('belongs to one cluster for good', async () => {
      await stores.log.setClusterId('c1');
      await stores.log.setClusterId('c1');
      await expect(stores.log.setClusterId('c2')).rejects.toThrow('one cluster for good');

      expect((await afterCrash()).identity.clusterId).toBe('c1');
    });

    it('is named and written to in one step, and goes over to a later epoch alone', async () => {
      await stores.log.setClusterId('c1', append(entries({ first: 1, last: 2 }), hardState(1, 2)));
      await stores.log.write(append([entry(3)], hardState(1, 2)));
      await stores.log.setClusterId('c1.2-0a', append(entries({ first: 4, last: 4, term: 2 }), hardState(2, 2)));
      const later = await afterCrash();
      await expect(stores.log.setClusterId('c1')).rejects.toThrow('one cluster for good');

      expect([places(later.entries), later.identity.clusterId]).toEqual(['1@1 2@1 3@1 4@2', 'c1.2-0a']);
      expect((await afterCrash()).identity.clusterId).toBe('c1.2-0a');
    });

    it('refuses another node, and is none the worse for it', async () => {
      await stores.log.write(append([entry(1)], hardState(1)));
      await stores.log.close();

      await expect(fixture.start().log.open('n2')).rejects.toMatchObject({ code: 'FOREIGN', isOutage: false });

      const own = await fixture.start().log.open('n1');
      expect(own.identity.bootNumber).toBe(2);
      expect(places(own.entries)).toBe('1@1');
    });

    it.each([
      ['leaves a gap', append(entries({ first: 5, last: 5 }))],
      ['takes back a term', append([], hardState(1))],
      ['changes a vote', append([], hardState(2, 0, 'n9'))],
      ['removes a committed entry', append(entries({ first: 2, last: 2, term: 2 }))],
      ['is of a term to come', append(entries({ first: 4, last: 4, term: 3 }))],
      ['is out of order', append([entry(4, 2), entry(6, 2)])],
      ['goes back in its terms', append([entry(4, 2), entry(5, 1)])],
    ])('stops at a write that %s', async (_what, wrong) => {
      await stores.log.write(append(entries({ first: 1, last: 3 }), hardState(2, 3, 'n1')));

      await expect(stores.log.write(wrong)).rejects.toThrow('broken invariant');

      const found = await afterCrash();
      expect(places(found.entries)).toBe('1@1 2@1 3@1');
      expect(found.hardState).toEqual(hardState(2, 3, 'n1'));
    });

    it('stops at first entries without a hard state, which a restart could not tell from a lost vote', async () => {
      await expect(stores.log.write(append([entry(1)]))).rejects.toThrow('hard state');
    });

    it('takes nothing after a write that failed, until it is opened again', async () => {
      await stores.log.write(append([entry(1)], hardState(1)));
      const wrong = stores.log.write(append([entry(3)]));
      const after = stores.log.write(append([entry(2)]));

      await expect(wrong).rejects.toThrow('broken invariant');
      await expect(after).rejects.toThrow('broken invariant');
    });

    it('takes no call before it is open and none after it is closed', async () => {
      await stores.log.close();
      await stores.log.close();
      await expect(stores.log.write(append([entry(1)], hardState(1)))).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(stores.snapshots.latest()).rejects.toMatchObject({ code: 'CLOSED' });

      const next = fixture.start();
      await expect(next.log.write(append([entry(1)], hardState(1)))).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(next.snapshots.latest()).rejects.toMatchObject({ code: 'CLOSED' });
      await next.log.close();
    });
  });
}
