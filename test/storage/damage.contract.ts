/* eslint-disable jest/no-export -- A contract is a set of tests that each store's own spec runs. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import { at } from '../../src/lib/assert.js';
import { encodeBatches } from '../../src/storage/batch-codec.js';
import type { ProofStep } from '../../src/ports/snapshot-store.port.js';
import type { DamageFixture, DatabaseName } from './damage-fixture.js';
import { append, chunksAt, entries, hardState, metadata, places, takeSnapshot } from './samples.js';

/** One change of what is stored. */
type Change = (fixture: DamageFixture) => readonly string[];

/** Three batches, the first of term 1, the others of term 2, committed up to 2; snapshots at 2 and at 4. */
async function fill(fixture: DamageFixture): Promise<void> {
  const { log, snapshots } = fixture.start();
  await log.open('n1');
  await log.write(append(entries({ first: 1, last: 3 }), hardState(1)));
  await log.write(append(entries({ first: 4, last: 6, term: 2 }), hardState(2, 2, 'n2')));
  await log.write(append(entries({ first: 7, last: 9, term: 2 })));
  await takeSnapshot(snapshots, 2);
  await takeSnapshot(snapshots, 4);
  await log.close();
}

/** Frees the log up to a snapshot at `index`. */
async function compact(fixture: DamageFixture, index: number): Promise<void> {
  const { log, snapshots } = fixture.start();
  await log.open('n1');
  await takeSnapshot(snapshots, index);
  await log.compact(index);
  await log.close();
}

/** The last batch replaced by one that is whole, and says something else. */
function replaceLast(fixture: DamageFixture, change: { readonly term?: number; readonly formatByte?: number }): string {
  const batch = at(encodeBatches(entries({ first: 7, last: 9, term: change.term ?? 2 })), 0);
  const payload = batch.payload.slice();
  payload[0] = change.formatByte ?? at([...payload], 0);
  return (
    `UPDATE log_batch SET last_term = ${batch.lastTerm}, byte_length = ${payload.length}, ` +
    `checksum = ${crc32(payload)}, payload = ${fixture.literal(payload)} WHERE first_index = 7`
  );
}

/** The hard state as a version left it that wrote no checksum: what contradicts the log is found all the same. */
function withoutChecksum(change: string): string {
  return `UPDATE hard_state SET checksum = NULL, ${change}`;
}

const damagedLogs: readonly (readonly [string, Change])[] = [
  [
    'a byte of entries flipped',
    (f) => [`UPDATE log_batch SET payload = ${f.flipped('payload')} WHERE first_index = 4`],
  ],
  ['a batch in the middle missing', () => ['DELETE FROM log_batch WHERE first_index = 4']],
  ['the first batch missing', () => ['DELETE FROM log_batch WHERE first_index = 1']],
  [
    'entries stored twice',
    () => [
      'INSERT INTO log_batch SELECT 5, last_index, last_term, 2, byte_length, checksum, format_version, payload FROM log_batch WHERE first_index = 4',
    ],
  ],
  ['a batch under another index', () => ['UPDATE log_batch SET last_index = 5, entry_count = 2 WHERE first_index = 4']],
  ['a wrong count of entries', () => ['UPDATE log_batch SET entry_count = 2 WHERE first_index = 4']],
  ['a wrong length', () => ['UPDATE log_batch SET byte_length = byte_length + 1 WHERE first_index = 4']],
  ['a wrong last term', () => ['UPDATE log_batch SET last_term = 1 WHERE first_index = 7']],
  ['whole entries whose term goes down', (f) => [replaceLast(f, { term: 1 })]],
  ['entries of a form that is not that of their row', (f) => [replaceLast(f, { formatByte: 2 })]],
  ['no term and vote', () => ['DELETE FROM hard_state']],
  ['no table of the term and vote', () => ['DROP TABLE hard_state']],
  ['no column of the checksums', () => ['ALTER TABLE log_batch DROP COLUMN checksum']],
  ['a term below that of the entries', () => ['UPDATE hard_state SET current_term = 1']],
  ['a term below that of the entries, by a version without checksums', () => [withoutChecksum('current_term = 1')]],
  ['a higher term', () => ['UPDATE hard_state SET current_term = 3']],
  ['another vote', () => ["UPDATE hard_state SET voted_for = 'n3'"]],
  ['no vote', () => ['UPDATE hard_state SET voted_for = NULL']],
  ['a lower commit index', () => ['UPDATE hard_state SET commit_index = 1']],
  ['another checksum of the term and the vote', () => ['UPDATE hard_state SET checksum = checksum + 1']],
  ['a commit index above the last entry', () => [withoutChecksum('commit_index = 10')]],
  [
    'the last committed batch missing',
    () => [withoutChecksum('commit_index = 9'), 'DELETE FROM log_batch WHERE first_index = 7'],
  ],
  ['no identity', () => ['DELETE FROM node_identity']],
  ['the identity of another disk', () => ["UPDATE node_identity SET instance_id = 'another'"]],
  ['another cluster', () => ["UPDATE node_identity SET cluster_id = 'another'"]],
  ['another number of starts', () => ['UPDATE node_identity SET boot_number = 7']],
  ['another beginning', () => ['INSERT INTO log_base (id, base_index, base_term) VALUES (1, 3, 1)']],
];

const damagedSnapshots: readonly (readonly [string, Change])[] = [
  [
    'a byte flipped',
    (f) => [`UPDATE snapshot_chunk SET data = ${f.flipped('data')} WHERE snapshot_id = 2 AND chunk = 1`],
  ],
  ['a chunk missing', () => ['DELETE FROM snapshot_chunk WHERE snapshot_id = 2 AND chunk = 2']],
  [
    'a chunk of no bytes',
    (f) => [`UPDATE snapshot_chunk SET data = ${f.literal(new Uint8Array(0))} WHERE snapshot_id = 2`],
  ],
  [
    'a chunk of the other snapshot',
    () => [
      'UPDATE snapshot_chunk SET (data, checksum) = (SELECT data, checksum FROM snapshot_chunk WHERE snapshot_id = 1 AND chunk = 1) WHERE snapshot_id = 2 AND chunk = 1',
    ],
  ],
  ['another index', () => ['UPDATE snapshot SET last_included_index = 5 WHERE id = 2']],
  ['another length', () => ['UPDATE snapshot SET byte_count = byte_count - 1 WHERE id = 2']],
  ['fewer chunks', () => ['UPDATE snapshot SET chunk_count = 2 WHERE id = 2']],
  ['other members', (f) => [`UPDATE snapshot SET configuration = ${f.literal(Buffer.from('{}'))} WHERE id = 2`]],
  ['its row missing', () => ['DELETE FROM snapshot WHERE id = 2']],
];

/** Changes that only a later version of the program makes. */
const newer: readonly (readonly [string, DatabaseName, string])[] = [
  ['a row of the log', 'log', 'UPDATE log_batch SET format_version = 2 WHERE first_index = 7'],
  ['the tables of the log', 'log', `INSERT INTO MIGRATIONS ("timestamp", name) VALUES (99, 'Later0000000000099')`],
  ['a snapshot', 'snapshot', 'UPDATE snapshot SET format_version = 2 WHERE id = 2'],
  ['an older snapshot', 'snapshot', 'UPDATE snapshot SET format_version = 2 WHERE id = 1'],
  [
    'the tables of the snapshots',
    'snapshot',
    `INSERT INTO MIGRATIONS ("timestamp", name) VALUES (99, 'Later0000000000099')`,
  ],
];

/** What a start makes of rows that were changed while the node stood still, whatever the database. */
export function describeDamagedRows(name: string, create: () => DamageFixture): void {
  describe(`${name}: data that were changed while the node stood still`, () => {
    let fixture: DamageFixture;

    beforeEach(async () => {
      fixture = create();
      await fill(fixture);
    });

    afterEach(async () => {
      await fixture.remove();
    });

    function open() {
      return fixture.start().log.open('n1');
    }

    /** Refused in these words, and nothing of what is stored has changed. */
    async function isRefused(code: string, words: RegExp): Promise<void> {
      const before = await fixture.content();
      const message = expect.stringMatching(words);
      await expect(open()).rejects.toMatchObject({ code, isOutage: false, message });
      expect(await fixture.content()).toEqual(before);
    }

    const damaged =
      /^the stored data are damaged: .*; replace this node: stop it, .*start it once with -join and -replace$/;

    it.each(damagedLogs)('with %s are refused and stay as they are', async (_what, change) => {
      await fixture.change('log', ...change(fixture));

      await isRefused('CORRUPT', damaged);
    });

    it('say which entries are damaged, in one line', async () => {
      await fixture.change('log', `UPDATE log_batch SET payload = ${fixture.flipped('payload')} WHERE first_index = 4`);

      await expect(open()).rejects.toThrow(/^the stored data are damaged: the entries from 4 to 6 do not match .*$/);
    });

    it('are not cut where the damage is: mended, they are whole again', async () => {
      await fixture.change('log', 'UPDATE log_batch SET checksum = checksum + 1 WHERE first_index = 4');
      await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
      await expect(open()).rejects.toMatchObject({ code: 'CORRUPT' });
      await fixture.change('log', 'UPDATE log_batch SET checksum = checksum - 1 WHERE first_index = 4');

      const found = await open();

      expect(places(found.entries)).toBe('1@1 2@1 3@1 4@2 5@2 6@2 7@2 8@2 9@2');
      expect(found.identity.bootNumber).toBe(2);
    });

    it.each(newer)('in %s by a newer version are refused and stay as they are', async (_what, database, statement) => {
      await fixture.change(database, statement);

      await isRefused(
        'NEWER_VERSION',
        /was written by a newer version of raftdb; start that version again, or replace/,
      );
    });

    it('that belong to another node are refused and stay as they are', async () => {
      const { log } = fixture.start();
      await log.open('n1');
      await log.close();
      const before = await fixture.content();
      const message = expect.stringMatching(/belong to node n1, not to n2; start that node, or name another/);

      await expect(fixture.start().log.open('n2')).rejects.toMatchObject({ code: 'FOREIGN', message });
      expect(await fixture.content()).toEqual(before);
    });

    it('may hold tables of others', async () => {
      await fixture.change('log', 'CREATE TABLE of_others (id integer)');

      expect((await open()).entries).toHaveLength(9);
    });

    it.each(damagedSnapshots)('fall back to the snapshot before one with %s', async (_what, change) => {
      await fixture.change('snapshot', ...change(fixture));
      const { log, snapshots } = fixture.start();
      await log.open('n1');

      expect(await snapshots.latest()).toEqual(metadata(2, chunksAt(2, 3)));

      await takeSnapshot(snapshots, 8);
      expect((await snapshots.latest())?.lastIncludedIndex).toBe(8);
      expect(await snapshots.read(2, 0)).toEqual(chunksAt(2, 3)[0]);
      expect(await snapshots.read(4, 0)).toBeNull();
    });

    it('tell of a snapshot that is not used', async () => {
      await fixture.change('snapshot', 'DELETE FROM snapshot_chunk WHERE snapshot_id = 2 AND chunk = 2');
      await open();

      expect(fixture.warnings).toEqual([
        expect.stringMatching(/^the snapshot at entry 4 is not used: .*chunk 2 .*is missing/),
      ]);
    });

    it('tell of a damaged snapshot up to the damage, and of the one before to its end', async () => {
      await fixture.change(
        'snapshot',
        `UPDATE snapshot_chunk SET data = ${fixture.flipped('data')} WHERE snapshot_id = 2 AND chunk = 1`,
      );
      const { log, snapshots } = fixture.start();
      const steps: ProofStep[] = [];
      snapshots.onProof = (step) => {
        steps.push(step);
        return Promise.resolve();
      };
      await log.open('n1');

      expect(steps).toEqual([
        { kind: 'begin', index: 4 },
        { kind: 'chunk', data: chunksAt(4, 3)[0] },
        { kind: 'begin', index: 2 },
        ...chunksAt(2, 3).map((data) => ({ kind: 'chunk', data })),
        { kind: 'end' },
      ]);
    });

    // 9: nothing is left in the log that would show the gap by its index.
    it.each([6, 9])('do not fall back to a snapshot before entry %i, where the log begins', async (index) => {
      await compact(fixture, index);
      await fixture.change(
        'snapshot',
        `UPDATE snapshot_chunk SET data = ${fixture.flipped('data')} WHERE snapshot_id = 3`,
      );

      await isRefused('CORRUPT', new RegExp(`the log begins after entry ${index} and no whole snapshot`));
    });

    it('without the snapshot that the log begins after are refused and stay as they are', async () => {
      await compact(fixture, 6);
      await fixture.change('snapshot', 'DELETE FROM snapshot', 'DELETE FROM snapshot_chunk');

      await isRefused('CORRUPT', /the log begins after entry 6/);
    });

    it.each(['base_term = 1', 'checksum = checksum + 1'])('with another beginning of the log (%s)', async (change) => {
      await compact(fixture, 6);
      await fixture.change('log', `UPDATE log_base SET ${change}`);

      await isRefused('CORRUPT', /where the log begins does not match its checksum/);
    });

    it.each([
      'UPDATE log_base SET base_term = 1',
      'UPDATE hard_state SET commit_index = 7',
      "UPDATE node_identity SET cluster_id = 'another'",
    ])('by a version without checksums of rows get them with the next write: %s', async (change) => {
      await compact(fixture, 6);
      const rows = ['log_base', 'hard_state', 'node_identity'];
      await fixture.change('log', ...rows.map((row) => `UPDATE ${row} SET checksum = NULL`));
      const { log } = fixture.start();
      await log.open('n1');
      await log.write(append([], hardState(3, 9)));
      await log.compact(9);
      await log.close();
      await fixture.change('log', change);

      await isRefused('CORRUPT', /does not match its checksum/);
    });

    it('without any whole snapshot are refused and stay as they are', async () => {
      await fixture.change('snapshot', `UPDATE snapshot_chunk SET data = ${fixture.flipped('data')}`);

      await isRefused('CORRUPT', /no snapshot is whole/);
    });

    it('show a chunk that is damaged when it is read', async () => {
      const { log, snapshots } = fixture.start();
      await log.open('n1');
      expect((await snapshots.latest())?.lastIncludedIndex).toBe(4);
      await log.close();
      await fixture.change(
        'snapshot',
        `UPDATE snapshot_chunk SET data = ${fixture.flipped('data')} WHERE snapshot_id = 1`,
      );
      const again = fixture.start();
      await again.log.open('n1');

      await expect(again.snapshots.read(2, 0)).rejects.toMatchObject({ code: 'CORRUPT' });
    });
  });
}
