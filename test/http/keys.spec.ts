import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { encodeCommand } from '../../src/state-machine/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { kept } from '../support/kept.js';

let http: HttpHarness;

beforeAll(async () => {
  http = await startHttp();
});

afterAll(() => http.close());

async function post(payload: string, headers: Record<string, string> = {}) {
  return http.app.inject({ method: 'POST', url: '/key', payload, headers });
}

async function put(path: string, payload: string, headers: Record<string, string> = {}) {
  return http.app.inject({ method: 'PUT', url: `/key/${path}`, payload, headers });
}

async function get(path: string, headers: Record<string, string> = {}) {
  return http.app.inject({ method: 'GET', url: `/key/${path}`, headers });
}

describe('writing and reading', () => {
  test('a form content type, which curl -d sends, is read as JSON', async () => {
    const written = await post('{"foo": "bar"}', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(written.statusCode).toBe(200);
    expect(written.json()).toEqual({ revision: http.store.revision() });
    const read = await get('foo');
    expect([read.statusCode, read.body]).toEqual([200, '{"foo":"bar"}']);
    expect(read.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test.each(['', ';;', 'text/plain; charset=UTF-8', 'application/json;charset="utf-8"', 'nonsense'])(
    'the content type %j is read as JSON',
    async (contentType) => {
      expect((await post('{"type": 1}', { 'content-type': contentType })).statusCode).toBe(200);
    },
  );

  test('a value comes back as the text that was given', async () => {
    await post('{"text": {"a": [1, 2.50, null, 12345678901234567890, 1e400, "\\u0041"]} }');
    expect((await get('text')).body).toBe('{"text":{"a": [1, 2.50, null, 12345678901234567890, 1e400, "\\u0041"]}}');
  });

  test('all keys of one body get one revision', async () => {
    const { revision } = (await post('{"one": 1, "two": 2}')).json<{ revision: number }>();
    for (const key of ['one', 'two']) {
      expect((await get(`${key}?meta=true`)).json()).toMatchObject({ modRevision: revision });
    }
  });

  test('a bulk write with one bad key writes none', async () => {
    const before = http.store.revision();
    const refused = await post('{"good": 1, "": 2}');
    expect(refused.json()).toMatchObject({ status: 400, code: 'INVALID_KEY' });
    expect(http.store.revision()).toBe(before);
    expect((await get('good')).statusCode).toBe(404);
  });

  test('PUT takes the value itself and names its version', async () => {
    const written = await put('single', ' [1, 2] \n');
    const { revision } = written.json<{ revision: number }>();
    expect(written.headers.etag).toBe(`"${revision}"`);
    const read = await get('single');
    expect([read.body, read.headers.etag]).toEqual(['{"single":[1, 2]}', `"${revision}"`]);
  });

  test('meta shows the revisions', async () => {
    const first = (await put('counted', '1')).json<{ revision: number }>().revision;
    const second = (await put('counted', '2')).json<{ revision: number }>().revision;
    const { body } = await get('counted?meta=true');
    expect(JSON.parse(body)).toEqual({
      key: 'counted',
      value: 2,
      createRevision: first,
      modRevision: second,
      version: 2,
    });
  });

  describe.each([1, 100, 2_000, 50_000])('a value of %i characters and more', (length) => {
    test.each([
      ['a string', `"${'é\u{1f600}'.repeat(length)}"`, 'é\u{1f600}'.repeat(length)],
      ['a string with escapes', `"${'\\n\\"'.repeat(length)}"`, '\n"'.repeat(length)],
      ['a list', `[${'"a", '.repeat(length)}1]`, null],
    ])('that is %s is the same in every form', async (_, value, text) => {
      await put('large/ä', value);
      const { modRevision } = (await get('large/ä?meta')).json<{ modRevision: number }>();
      const meta = `{"key":"large/ä","value":${value},"createRevision":`;
      const [plain, raw, described] = [await get('large/ä'), await get('large/ä?raw'), await get('large/ä?meta')];
      const list = await http.app.inject({ method: 'GET', url: '/key?prefix=large/' });
      expect(plain.body).toBe(`{"large/ä":${value}}`);
      expect(raw.body).toBe(text ?? value);
      expect(described.body.startsWith(meta)).toBe(true);
      expect(list.body).toBe(`{"items":[${described.body}],"next":null,"revision":${modRevision}}`);
      const head = await http.app.inject({ method: 'HEAD', url: '/key/large/ä' });
      expect(head.headers['content-length']).toBe(plain.headers['content-length']);
      for (const answer of [plain, raw, described, list]) {
        expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
      }
    });
  });

  test('raw gives a string as text and anything else as JSON, neither to be sniffed', async () => {
    await post('{"words": "<b>é\\n</b>", "list": [1.0]}');
    const words = await get('words?raw=true');
    expect([words.body, words.headers['content-type']]).toEqual(['<b>é\n</b>', 'text/plain; charset=utf-8']);
    const list = await get('list?raw');
    expect([list.body, list.headers['content-type']]).toEqual(['[1.0]', 'application/json; charset=utf-8']);
    expect(words.headers['x-content-type-options']).toBe('nosniff');
    expect(list.headers['x-content-type-options']).toBe('nosniff');
  });

  test('HEAD has the headers of GET', async () => {
    await put('head', '"value"');
    const head = await http.app.inject({ method: 'HEAD', url: '/key/head' });
    const read = await get('head');
    for (const name of ['content-length', 'content-type', 'etag', 'raftdb-revision', 'raftdb-served-by']) {
      expect(head.headers[name]).toBe(read.headers[name]);
    }
    expect((await http.app.inject({ method: 'HEAD', url: '/key/none' })).statusCode).toBe(404);
  });

  test('deleting tells what it did, and no revision is spent on nothing', async () => {
    await put('gone', '1');
    const deleted = await http.app.inject({ method: 'DELETE', url: '/key/gone' });
    const revision = http.store.revision();
    expect(deleted.json()).toEqual({ revision, deleted: 1 });
    const again = await http.app.inject({ method: 'DELETE', url: '/key/gone' });
    expect([again.statusCode, again.json()]).toEqual([200, { revision, deleted: 0 }]);
    const missing = await get('gone');
    expect(missing.json()).toMatchObject({ status: 404, code: 'KEY_NOT_FOUND' });
    expect(missing.headers['raftdb-revision']).toBe(String(revision));
  });
});

describe('keys', () => {
  test.each([
    ['bare slashes', 'app/db/url', 'app/db/url'],
    ['encoded slashes', 'app%2Fdb%2Furl', 'app/db/url'],
    ['a percent sign, decoded once', '100%2525', '100%25'],
    ['two slashes in front', '//a', '//a'],
    ['a slash behind', 'a/', 'a/'],
    ['a space, a plus and a question mark', 'a%20b+c%3F', 'a b+c?'],
    ['a hash', 'a%23b', 'a#b'],
    ['a semicolon', 'a;b=c', 'a;b=c'],
    ['a line break', 'a%0D%0Ab', 'a\r\nb'],
    ['an emoji', encodeURIComponent('🦀'), '🦀'],
    ['a composed letter', encodeURIComponent('é'), 'é'],
    ['the same letter, decomposed', encodeURIComponent('e\u0301'), 'e\u0301'],
    ['a byte order mark', encodeURIComponent('\ufeffa'), '\ufeffa'],
    ['__proto__', '__proto__', '__proto__'],
    ['constructor', 'constructor', 'constructor'],
    ['hasOwnProperty', 'hasOwnProperty', 'hasOwnProperty'],
    ['1,024 bytes', 'k'.repeat(1024), 'k'.repeat(1024)],
    ['1,024 bytes, all encoded', encodeURIComponent('é'.repeat(512)), 'é'.repeat(512)],
  ])('a key with %s', async (_what, path, key) => {
    const written = await put(path, JSON.stringify(key));
    expect(written.statusCode).toBe(200);
    const read = await get(path);
    expect(read.body).toBe(`{${JSON.stringify(key)}:${JSON.stringify(key)}}`);
    expect(kept(http.store.get(key))?.value).toBe(JSON.stringify(key));
    expect((await http.app.inject({ method: 'DELETE', url: `/key/${path}` })).json()).toMatchObject({ deleted: 1 });
    expect(http.store.get(key)).toBeUndefined();
  });

  test('__proto__ in a body is a plain key', async () => {
    expect((await post('{"__proto__": {"polluted": true}, "constructor": 1}')).statusCode).toBe(200);
    expect((await get('__proto__')).body).toBe('{"__proto__":{"polluted": true}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('many keys', () => {
  beforeAll(async () => {
    await post('{"list/b": [1], "list/a": "x", "list/c/1": 3, "list/c/2": 4, "list0": 5, "list/\\uD83E\\uDD80": 6}');
  });

  test('a prefix lists its keys in byte order', async () => {
    const { body } = await http.app.inject('/key?prefix=list/');
    const { items, next, revision } = JSON.parse(body) as { items: { key: string }[]; next: unknown; revision: number };
    expect(items.map(({ key }) => key)).toEqual(['list/a', 'list/b', 'list/c/1', 'list/c/2', 'list/🦀']);
    expect(items[1]).toEqual({
      key: 'list/b',
      value: [1],
      createRevision: expect.any(Number),
      modRevision: expect.any(Number),
      version: 1,
    });
    expect([next, revision]).toEqual([null, http.store.revision()]);
  });

  test('pages follow each other by next', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const from: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page = await http.app.inject(`/key?prefix=list/&limit=2&keysOnly=true${from}`);
      const { items, next } = page.json<{ items: { key: string }[]; next: string | null }>();
      expect(items.every((item) => !('value' in item))).toBe(true);
      seen.push(...items.map(({ key }) => key));
      after = next;
    } while (after !== null);
    expect(seen).toEqual(['list/a', 'list/b', 'list/c/1', 'list/c/2', 'list/🦀']);
  });

  test('a page ends early rather than growing without bound', async () => {
    const value = JSON.stringify('v'.repeat(1024 * 1024 - 2));
    for (let number = 0; number < 9; number += 1) {
      const entries = [{ key: `wide/${number}`, value: encodeText(value) }];
      const command = encodeCommand({ idempotency: null, command: { kind: 'put', entries, condition: null } });
      await http.raft.propose(command, { timeoutMs: 1000 });
    }
    const page = await http.app.inject('/key?prefix=wide/');
    const { items, next } = page.json<{ items: { key: string }[]; next: string | null }>();
    expect(items.length).toBeLessThan(9);
    expect(next).toBe(items.at(-1)?.key);
    const keys = await http.app.inject('/key?prefix=wide/&keysOnly');
    expect(keys.json<{ items: unknown[] }>().items).toHaveLength(9);
    const deleted = await http.app.inject({ method: 'DELETE', url: '/key?prefix=wide/' });
    expect(deleted.json()).toMatchObject({ deleted: 9 });
    // The page has some MiB, which takes its time on a busy machine.
  }, 60_000);

  test('countOnly counts', async () => {
    const counted = await http.app.inject('/key?prefix=list/c/&countOnly=true');
    expect(counted.json()).toEqual({ count: 2, revision: http.store.revision() });
  });

  test('a prefix deletes its keys in one revision', async () => {
    const before = http.store.revision();
    const deleted = await http.app.inject({ method: 'DELETE', url: '/key?prefix=list/c/' });
    expect(deleted.json()).toEqual({ revision: before + 1, deleted: 2 });
    expect((await http.app.inject('/key?prefix=list/&countOnly')).json()).toMatchObject({ count: 3 });
  });

  test.each(['', '?prefix=', '?prefix'])('deleting with the query %j is refused', async (query) => {
    const refused = await http.app.inject({ method: 'DELETE', url: `/key${query}` });
    expect(refused.json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
  });
});
