import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ChangeInProgressError,
  ConsensusError,
  MembershipConflictError,
  NoLeaderError,
  OutcomeUnknownError,
  OverloadedError,
  ReadTimeoutError,
  ShuttingDownError,
  StartingError,
} from '../../src/consensus/consensus.errors.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';

let http: HttpHarness;

beforeAll(async () => {
  http = await startHttp();
});

afterAll(() => http.close());

class StorageFullError extends ConsensusError {
  readonly code = 'STORAGE_FULL';
  readonly retryable = true;
}

describe('errors of consensus', () => {
  test.each([
    [new StartingError('x'), 503, 'STARTING', '1'],
    [new NoLeaderError('x'), 503, 'NO_LEADER', '1'],
    [new OverloadedError('x'), 503, 'OVERLOADED', expect.stringMatching(/^[123]$/)],
    [new ShuttingDownError('x'), 503, 'SHUTTING_DOWN', '1'],
    [new OutcomeUnknownError('x'), 504, 'OUTCOME_UNKNOWN', undefined],
    [new ReadTimeoutError('x'), 504, 'TIMEOUT', undefined],
    [new ChangeInProgressError('x'), 409, 'CHANGE_IN_PROGRESS', '1'],
    [new MembershipConflictError('x'), 409, 'CONFLICT', undefined],
    [new StorageFullError('x'), 507, 'STORAGE_FULL', undefined],
  ])('%s', async (error, status, code, retryAfter) => {
    http.raft.failWith = error;
    const answer = await http.app.inject({ method: 'PUT', url: '/key/a', payload: '1' });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers['retry-after']).toEqual(retryAfter);
    expect(answer.json()).toEqual({
      type: `urn:raftdb:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      requestId: answer.headers['x-request-id'],
    });
  });

  test('a failure of the node shows nothing of its inside', async () => {
    http.raft.failWith = new Error('secret of the inside');
    const answer = await http.app.inject('/key/a');
    expect(answer.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(answer.body).not.toMatch(/secret|\.ts|\bat /);
  });
});

describe('request ids', () => {
  test('a usable one is kept', async () => {
    const id = '~'.repeat(128);
    const answer = await http.app.inject({ url: '/key/none', headers: { 'x-request-id': id } });
    expect([answer.headers['x-request-id'], answer.json<{ requestId: string }>().requestId]).toEqual([id, id]);
  });

  test.each(['', 'with space', 'x'.repeat(129), 'ä'])('%j is replaced', async (id) => {
    const answer = await http.app.inject({ url: '/key/none', headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]{16}-[0-9a-z]+$/);
  });

  test('no request has that of another', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => http.app.inject({ url: '/key/none' })));
    expect(new Set(answers.map((answer) => answer.headers['x-request-id'])).size).toBe(100);
  });
});

describe('wrong paths and methods', () => {
  test.each(['/', '/keys', '/cluster/x', '/docs/none.js', '/KEY/a'])('GET %s: 404', async (url) => {
    expect((await http.app.inject(url)).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  test.each<['OPTIONS' | 'PATCH' | 'GET' | 'POST' | 'DELETE', string, string]>([
    ['OPTIONS', '/key/a', 'DELETE, GET, HEAD, PUT'],
    ['POST', '/key/a', 'DELETE, GET, HEAD, PUT'],
    ['PATCH', '/key?x=/', 'DELETE, GET, HEAD, POST'],
    ['GET', '/join', 'POST'],
    ['DELETE', '/cluster', 'GET, HEAD'],
    ['POST', '/docs/openapi.json', 'GET, HEAD'],
  ])('%s %s: 405', async (method, url, allow) => {
    const answer = await http.app.inject({ method, url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  test('a preflight gets no permission', async () => {
    const answer = await http.app.inject({
      method: 'OPTIONS',
      url: '/key/a',
      headers: { origin: 'http://evil.test', 'access-control-request-method': 'PUT' },
    });
    expect(answer.statusCode).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each(['/key/a?levl=stale', '/key?limit=0', '/key?limit=10001', '/key?limit=1.5', '/key?limit=2&limit=3'])(
    'GET %s: a wrong parameter is not ignored',
    async (url) => {
      expect((await http.app.inject(url)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
    },
  );

  test.each(['/key/a?meta=true&raw=true', '/key/a?meta=yes', '/key?countOnly&limit=1', '/key/a?min-revision=-1'])(
    'GET %s: 400',
    async (url) => {
      expect((await http.app.inject(url)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
    },
  );
});

describe('writes from other sites', () => {
  test.each(['POST', 'PUT', 'DELETE'] as const)('%s is refused', async (method) => {
    const url = method === 'POST' ? '/key' : '/key/a';
    const before = http.store.revision();
    const answer = await http.app.inject({
      method,
      url,
      headers: { 'sec-fetch-site': 'cross-site' },
      ...(method === 'DELETE' ? {} : { payload: '{"a":1}' }),
    });
    expect(answer.json()).toMatchObject({ status: 403, code: 'CROSS_SITE' });
    expect(http.store.revision()).toBe(before);
  });

  test.each(['same-origin', 'none'])('a write that says %s is taken', async (site) => {
    const answer = await http.app.inject({
      method: 'PUT',
      url: '/key/a',
      payload: '1',
      headers: { 'sec-fetch-site': site },
    });
    expect(answer.statusCode).toBe(200);
  });

  test('a read from another site is answered', async () => {
    const answer = await http.app.inject({ url: '/key/a', headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.statusCode).toBe(200);
  });
});

describe('bodies', () => {
  test.each([
    ['no body', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['a number', '123'],
    ['half an object', '{'],
    ['something behind it', '{"a":1} x'],
    ['two documents', '{"a":1}{"b":2}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['a comment', '{"a":1/* b */}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a depth of 129', `{"a":${'['.repeat(129)}${']'.repeat(129)}}`],
    ['a depth of 10,000', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['a form', 'a=1&b=2'],
  ])('POST /key with %s: 400 INVALID_JSON', async (_what, payload) => {
    const before = http.store.revision();
    const answer = await http.app.inject({ method: 'POST', url: '/key', payload });
    expect(answer.json()).toMatchObject({ status: 400, code: 'INVALID_JSON' });
    expect(http.store.revision()).toBe(before);
  });

  test.each([
    ['no body', ''],
    ['white space', ' \n'],
    ['two values', '1 2'],
    ['a depth of 129', `${'['.repeat(129)}${']'.repeat(129)}`],
  ])('PUT with %s: 400 INVALID_JSON', async (_what, payload) => {
    const answer = await http.app.inject({ method: 'PUT', url: '/key/a', payload });
    expect(answer.json()).toMatchObject({ status: 400, code: 'INVALID_JSON' });
  });

  test('bytes that are no UTF-8: 400', async () => {
    const answer = await http.app.inject({
      method: 'PUT',
      url: '/key/a',
      payload: Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
    });
    expect(answer.json()).toMatchObject({ status: 400, code: 'INVALID_JSON' });
  });

  test('a depth of 128 is taken', async () => {
    const payload = `${'['.repeat(128)}${']'.repeat(128)}`;
    expect((await http.app.inject({ method: 'PUT', url: '/key/deep', payload })).statusCode).toBe(200);
  });

  test('an empty object: 400 EMPTY_WRITE', async () => {
    const answer = await http.app.inject({ method: 'POST', url: '/key', payload: ' { } ' });
    expect(answer.json()).toMatchObject({ status: 400, code: 'EMPTY_WRITE' });
  });

  test.each([
    ['an empty key', '{"":1}'],
    ['NUL', '{"a\\u0000":1}'],
    ['1,025 bytes', `{"${'k'.repeat(1025)}":1}`],
  ])('a key with %s: 400 INVALID_KEY', async (_what, payload) => {
    const answer = await http.app.inject({ method: 'POST', url: '/key', payload });
    expect(answer.json()).toMatchObject({ status: 400, code: 'INVALID_KEY' });
  });

  test('a key of 1,025 bytes in a path: 400 INVALID_KEY', async () => {
    expect((await http.app.inject(`/key/${'k'.repeat(1025)}`)).json()).toMatchObject({
      status: 400,
      code: 'INVALID_KEY',
    });
  });

  test('a value of 1 MiB is taken, one byte more is not', async () => {
    const largest = JSON.stringify('v'.repeat(1024 * 1024 - 2));
    const tooLarge = JSON.stringify('v'.repeat(1024 * 1024 - 1));
    const put = async (payload: string) => http.app.inject({ method: 'PUT', url: '/key/large', payload });
    const post = async (value: string) =>
      http.app.inject({ method: 'POST', url: '/key', payload: `{"large":${value}}` });
    expect([(await put(largest)).statusCode, (await post(largest)).statusCode]).toEqual([200, 200]);
    expect((await put(` ${largest}\n`)).statusCode).toBe(200);
    for (const answer of [await put(tooLarge), await post(tooLarge)]) {
      expect(answer.json()).toMatchObject({ status: 413, code: 'VALUE_TOO_LARGE' });
    }
  });

  test('the limit of a value counts bytes, not characters', async () => {
    const payload = JSON.stringify('é'.repeat(512 * 1024));
    expect((await http.app.inject({ method: 'PUT', url: '/key/large', payload })).statusCode).toBe(413);
  });

  test('a body above 2 MiB: 413 BODY_TOO_LARGE', async () => {
    const answer = await http.app.inject({ method: 'POST', url: '/key', payload: '['.repeat(5_000_000) });
    expect(answer.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });
});
