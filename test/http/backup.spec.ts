import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { backupPieces } from '../../src/backup/backup-file.js';
import {
  NoLeaderError,
  OutcomeUnknownError,
  ShuttingDownError,
  StorageFullError,
} from '../../src/consensus/consensus.errors.js';
import { at } from '../../src/lib/assert.js';
import { KeyValueStore, decodeCommand, encodeCommand } from '../../src/state-machine/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { kept } from '../support/kept.js';

const bump = 1_000_000_000;

let http: HttpHarness;

beforeEach(async () => {
  http = await startHttp();
});

afterEach(async () => {
  await http.close();
});

async function put(key: string, value: unknown): Promise<void> {
  const payload = `{${JSON.stringify(key)}: ${JSON.stringify(value)}}`;
  const { statusCode } = await http.app.inject({ method: 'POST', url: '/key', payload });
  expect(statusCode).toBe(200);
}

async function list(): Promise<unknown> {
  return (await http.app.inject('/key')).json();
}

async function backup(query = ''): Promise<Buffer> {
  const answer = await http.app.inject(`/backup${query}`);
  expect(answer.statusCode).toBe(200);
  return answer.rawPayload;
}

/** A backup of another store, by the rules of the form. */
async function piecesOf(store: KeyValueStore): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of backupPieces({ clusterId: 'other', createdMs: 0 }, store.backup())) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function restore(payload: Buffer, headers: Record<string, string> = {}) {
  const answer = await http.app.inject({ method: 'POST', url: '/restore', payload, headers });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

describe('a backup', () => {
  it('says what it is', async () => {
    await put('a', 1);
    const { headers } = await http.app.inject('/backup');
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="raftdb-1.backup"',
      'raftdb-revision': '1',
      'raftdb-consistency': 'consistent',
      'raftdb-cluster-id': 'cluster-1',
    });
    expect(http.raft.levels).toEqual(['consistent']);
  });

  it('needs no leader with level=stale', async () => {
    http.raft.leaderId = null;
    await backup('?level=stale');
    expect((await http.app.inject('/backup?level=fresh')).json()).toMatchObject({ code: 'INVALID_LEVEL' });
  });

  it('lets others have their turn while it is sent', async () => {
    for (let number = 0; number < 100; number += 1) {
      await put(`k${number}`, 'x'.repeat(10_000));
    }
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await piecesOf(http.store);
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('is one of two at a time, and gives its place back', async () => {
    await put('a', 1);
    const answers = await Promise.all([1, 2, 3, 4].map(() => http.app.inject('/backup')));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 503, 503]);
    http.raft.failWith = new NoLeaderError('none');
    expect((await http.app.inject('/backup')).statusCode).toBe(503);
    for (let number = 0; number < 5; number += 1) {
      const head = await http.app.inject({ method: 'HEAD', url: '/backup' });
      expect([head.statusCode, head.headers['raftdb-revision'], head.rawPayload.length]).toEqual([200, '1', 0]);
      await backup();
    }
  });

  it('shows one revision, whatever is written while it is made', async () => {
    for (let number = 0; number < 300; number += 1) {
      await put(`k${number}`, 'x'.repeat(1000));
    }
    const pieces = http.store.backup();
    await put('k299', 'later');
    await put('new', 'later');
    expect(pieces.keyCount).toBe(300);
    expect(Buffer.concat([...pieces.blocks]).includes('later')).toBe(false);
  });
});

describe('a restore', () => {
  it('gives back every key as it was, above every revision before', async () => {
    const keys = ['__proto__', 'a/b', '\u{1f600}', '\ufeff', '.', 'k'];
    for (const key of keys) {
      await put(key, { of: key, n: [1, null] });
    }
    await put('k', 'again');
    const saved = await backup();
    const before = (await list()) as { items: { key: string }[] };
    await http.app.inject({ method: 'DELETE', url: '/key?prefix=a' });
    await put('k', 'changed');
    await put('extra', 1);
    const { status, body } = await restore(saved);
    expect([status, body]).toEqual([200, { revision: 10 + bump, keys: keys.length }]);
    expect(await list()).toEqual({
      items: before.items.map((item) => ({ ...item, modRevision: 10 + bump })),
      next: null,
      revision: 10 + bump,
    });
  });

  it('takes a backup of nothing', async () => {
    const saved = await backup();
    await put('a', 1);
    expect(await restore(saved)).toMatchObject({ status: 200, body: { keys: 0 } });
    expect(http.store.keyCount).toBe(0);
  });

  it('takes one larger than the limit of other bodies', async () => {
    for (let number = 0; number < 5; number += 1) {
      await put(`k${number}`, 'x'.repeat(900_000));
    }
    const saved = await backup();
    expect(saved.length).toBeGreaterThan(4_000_000);
    expect(await restore(saved)).toMatchObject({ status: 200, body: { keys: 5 } });
  });

  it('with the same Idempotency-Key and backup happens once', async () => {
    await put('a', 1);
    const saved = await backup();
    const headers = { 'idempotency-key': 'once' };
    const first = await restore(saved, headers);
    await put('a', 2);
    expect(await restore(saved, headers)).toEqual(first);
    expect(kept(http.store.get('a'))?.value).toBe('2');
    expect(await restore(await backup(), headers)).toMatchObject({ status: 422 });
    expect(await restore(saved, { 'idempotency-key': 'ü' })).toMatchObject({ status: 400 });
  });

  test.each<[string, (error: Error) => void]>([
    ['there is no leader for a moment', () => (http.raft.failWith = new NoLeaderError('none'))],
    ['nobody knows what became of a step', () => (http.raft.failWith = new OutcomeUnknownError('lost'))],
  ])('goes on where %s', async (_what, fail) => {
    await put('a', 1);
    const saved = await backup();
    fail(new Error());
    expect(await restore(saved)).toMatchObject({ status: 200 });
  });
});

describe('a restore that cannot go through', () => {
  test('does not propose what no message to a peer can carry', async () => {
    await http.close();
    http = await startHttp({ frameBytesMax: 4_000_000, valueBytesMax: 1_900_000, bodyBytesMax: 1_900_000 });
    await put('a', 'x'.repeat(1_800_000));
    expect(await restore(await backup())).toMatchObject({ status: 200 });
    const large = new KeyValueStore();
    const command = {
      kind: 'put',
      entries: [{ key: 'k', value: encodeText(`"${'x'.repeat(3_100_000)}"`) }],
      condition: null,
    } as const;
    large.apply({ index: 1, timeMs: 0, data: encodeCommand({ idempotency: null, command }) });
    expect(await restore(await piecesOf(large))).toMatchObject({ status: 413, body: { code: 'VALUE_TOO_LARGE' } });
    expect(http.store.get('a')).toBeDefined();
  });

  test.each<[string, Error, string]>([
    ['the node stops', new ShuttingDownError('stopping'), 'OUTCOME_UNKNOWN'],
    ['the storage is full', new StorageFullError('full'), 'OUTCOME_UNKNOWN'],
  ])(
    'does not say that nothing was changed where the last step may have been taken and then %s',
    async (_what, later, code) => {
      await put('a', 1);
      const saved = await backup();
      const propose = http.raft.propose.bind(http.raft);
      let tries = 0;
      http.raft.propose = async (data, options) => {
        const { command } = decodeCommand(data);
        if (command.kind !== 'restore' || command.step !== 'commit') {
          return propose(data, options);
        }
        tries += 1;
        if (tries > 1) {
          throw later;
        }
        await propose(data, options);
        throw new OutcomeUnknownError('lost');
      };
      expect(await restore(saved)).toMatchObject({ status: 504, body: { code } });
      expect([tries, http.store.revision()]).toEqual([2, 1 + bump]);
    },
  );

  test('closes the connection, since its body was not read', async () => {
    const answer = await http.app.inject({ method: 'POST', url: '/restore', payload: 'nonsense' });
    expect(answer.headers.connection).toBe('close');
    expect(http.raft.lastCommand).toBeNull();
  });

  test('is one at a time at a node', async () => {
    await put('a', 1);
    const saved = await backup();
    const both = await Promise.all([restore(saved), restore(saved)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 503]);
  });
});

describe('a backup that is no good is refused and changes nothing', () => {
  let saved: Buffer;

  beforeEach(async () => {
    for (let number = 0; number < 200; number += 1) {
      await put(`k${number}`, 'x'.repeat(2000));
    }
    saved = await backup();
    await put('present', 1);
  });

  async function refused(payload: Buffer): Promise<void> {
    const before = http.store.checksum();
    const { status, body } = await restore(payload);
    expect([status, body.code]).toEqual([400, 'INVALID_BACKUP']);
    expect(body.detail).toMatch(/nothing was changed/);
    expect([kept(http.store.get('present'))?.value, http.store.revision()]).toEqual(['1', 201]);
    expect(http.store.checksum().length).toBe(before.length);
  }

  test('empty, a text, a backup of another program or format', async () => {
    await refused(Buffer.alloc(0));
    await refused(Buffer.from('{"a": 1}'));
    await refused(Buffer.concat([Buffer.from('SQLite format 3\0'), saved]));
    const newer = Buffer.from(saved);
    newer[7] = 2;
    await refused(newer);
  });

  test('cut off at any place, or with bytes behind its end', async () => {
    for (const length of [4, 9, 100, saved.length >> 1, saved.length - 33, saved.length - 1]) {
      await refused(saved.subarray(0, length));
    }
    await refused(Buffer.concat([saved, Buffer.from([0])]));
    await refused(Buffer.concat([saved, saved]));
  });

  test('with a bit flipped anywhere', async () => {
    for (let part = 0; part < 24; part += 1) {
      const flipped = Buffer.from(saved);
      const place = Math.floor((saved.length * part) / 24);
      flipped[place] = at([...flipped.subarray(place, place + 1)], 0) ^ (1 << (part % 8));
      await refused(flipped);
    }
  });

  test('with a value that is no JSON text', async () => {
    const odd = new KeyValueStore();
    for (const value of ['not json', ' 1', '"\\ud800"', '['.repeat(200) + ']'.repeat(200)]) {
      const command = { kind: 'put', entries: [{ key: 'k', value: encodeText(value) }], condition: null } as const;
      odd.apply({ index: 1, timeMs: 0, data: encodeCommand({ idempotency: null, command }) });
      await refused(await piecesOf(odd));
    }
  });

  test('with a length that no block has', async () => {
    const long = Buffer.from(saved);
    long.writeUInt32BE(0xffff_fff0, 8);
    await refused(long);
  });
});
