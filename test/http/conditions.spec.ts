import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { kept } from '../support/kept.js';

let http: HttpHarness;

beforeAll(async () => {
  http = await startHttp();
});

afterAll(() => http.close());

async function send(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string>,
  payload = '1',
) {
  return http.app.inject({ method, url, headers, ...(method === 'PUT' || method === 'POST' ? { payload } : {}) });
}

describe('conditional writes', () => {
  test('If-Match lets a write through once', async () => {
    const { etag } = (await send('PUT', '/key/cas', {})).headers;
    const first = await send('PUT', '/key/cas', { 'if-match': String(etag) }, '2');
    const second = await send('PUT', '/key/cas', { 'if-match': String(etag) }, '3');
    expect([first.statusCode, second.statusCode]).toEqual([200, 412]);
    expect(second.headers.etag).toBe(first.headers.etag);
    expect(second.json()).toMatchObject({ code: 'CONDITION_FAILED' });
    expect(kept(http.store.get('cas'))?.value).toBe('2');
  });

  test('If-Match: * wants the key to exist, If-None-Match: * that it does not', async () => {
    expect((await send('PUT', '/key/exists', { 'if-match': '*' })).statusCode).toBe(412);
    expect((await send('PUT', '/key/exists', { 'if-none-match': '*' })).statusCode).toBe(200);
    const again = await send('PUT', '/key/exists', { 'if-none-match': '*' });
    expect([again.statusCode, again.headers.etag]).toEqual([412, `"${http.store.get('exists')?.modRevision ?? 0}"`]);
    expect((await send('PUT', '/key/exists', { 'if-match': '*' })).statusCode).toBe(200);
  });

  test('a failed condition on a missing key has no entity tag to show', async () => {
    const failed = await send('DELETE', '/key/missing', { 'if-match': '"1"' });
    expect([failed.statusCode, failed.headers.etag]).toEqual([412, undefined]);
  });

  test('a delete can be conditional', async () => {
    const { etag } = (await send('PUT', '/key/victim', {})).headers;
    expect((await send('DELETE', '/key/victim', { 'if-match': '"999999"' })).statusCode).toBe(412);
    expect((await send('DELETE', '/key/victim', { 'if-match': String(etag) })).json()).toMatchObject({ deleted: 1 });
  });

  test.each(['"abc"', 'W/"1"', '"01"', '""', '"99999999999999999999"'])(
    'the tag %s matches no version',
    async (tag) => {
      await send('PUT', '/key/tags', {});
      expect((await send('PUT', '/key/tags', { 'if-match': tag })).statusCode).toBe(412);
    },
  );

  test('a weak tag matches nothing, not even its own version', async () => {
    const { etag } = (await send('PUT', '/key/tags', {})).headers;
    expect((await send('PUT', '/key/tags', { 'if-match': `W/${String(etag)}` })).statusCode).toBe(412);
  });

  test.each<[string, Record<string, string>]>([
    ['both headers', { 'if-match': '*', 'if-none-match': '*' }],
    ['two tags', { 'if-match': '"1", "2"' }],
    ['no quotes', { 'if-match': '41' }],
    ['If-None-Match with a tag', { 'if-none-match': '"41"' }],
  ])('%s on a write is refused', async (_what, headers) => {
    expect((await send('PUT', '/key/tags', headers)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
  });

  test('a condition on several keys is refused instead of ignored', async () => {
    const posted = await send('POST', '/key', { 'if-match': '*' }, '{"a": 1}');
    const deleted = await send('DELETE', '/key?prefix=a', { 'if-none-match': '*' });
    expect([posted.statusCode, deleted.statusCode]).toEqual([400, 400]);
  });
});

describe('conditional reads', () => {
  test.each([
    ['the tag', (tag: string) => tag, 304],
    ['the weak tag', (tag: string) => `W/${tag}`, 304],
    ['a list with the tag', (tag: string) => `"x", ${tag}`, 304],
    ['any tag', () => '*', 304],
    ['another tag', () => '"0"', 200],
    ['nonsense', (tag: string) => tag.slice(1), 200],
  ])('%s answers %i', async (_what, headerOf, status) => {
    const etag = String((await send('PUT', '/key/seen', {})).headers.etag);
    const read = await send('GET', '/key/seen', { 'if-none-match': headerOf(etag) });
    expect([read.statusCode, read.headers.etag]).toEqual([status, etag]);
    expect(read.headers['raftdb-served-by']).toBe('node01');
    expect(read.body).toBe(status === 304 ? '' : '{"seen":1}');
  });
});

describe('idempotent writes', () => {
  test('a retry gets the first answer and has no second effect', async () => {
    const headers = { 'idempotency-key': 'retry' };
    const first = await send('PUT', '/key/once', headers, '"v"');
    await send('DELETE', '/key/once', {});
    const retry = await send('PUT', '/key/once?timeout=1s&redirect=false', headers, '"v"');
    expect(retry.body).toBe(first.body);
    expect(http.store.get('once')).toBeUndefined();
  });

  test('another spelling of the path is the same request', async () => {
    const headers = { 'idempotency-key': 'spelling' };
    const first = await send('PUT', '/key/a/b%20c', headers);
    expect((await send('PUT', '/key/a%2Fb%20%63', headers)).body).toBe(first.body);
  });

  test('a remembered 412 stays one', async () => {
    const headers = { 'idempotency-key': 'failed', 'if-match': '*' };
    expect((await send('PUT', '/key/later', headers)).statusCode).toBe(412);
    await send('PUT', '/key/later', {});
    expect((await send('PUT', '/key/later', headers)).statusCode).toBe(412);
  });

  test.each<[string, 'PUT' | 'DELETE' | 'POST', string, Record<string, string>, string]>([
    ['another body', 'PUT', '/key/one', {}, '2'],
    ['another key', 'PUT', '/key/two', {}, '1'],
    ['another method', 'DELETE', '/key/one', {}, '1'],
    ['a condition', 'PUT', '/key/one', { 'if-match': '*' }, '1'],
    ['another route', 'POST', '/key', {}, '{"one":1}'],
    ['another prefix', 'DELETE', '/key?prefix=one', {}, '1'],
  ])('%s under the same Idempotency-Key is another request', async (_what, method, url, headers, payload) => {
    await send('PUT', '/key/one', { 'idempotency-key': 'reused' });
    const refused = await send(method, url, { 'idempotency-key': 'reused', ...headers }, payload);
    expect(refused.json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('another prefix to delete is another request', async () => {
    const headers = { 'idempotency-key': 'prefix' };
    expect((await send('DELETE', '/key?prefix=one', headers)).statusCode).toBe(200);
    expect((await send('DELETE', '/key?prefix=two', headers)).statusCode).toBe(422);
  });

  test.each(['', 'with space', 'ä', 'x'.repeat(256)])('the Idempotency-Key %j is refused', async (key) => {
    const refused = await send('PUT', '/key/one', { 'idempotency-key': key });
    expect(refused.json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
  });

  test('255 characters are taken', async () => {
    expect((await send('PUT', '/key/long', { 'idempotency-key': '~'.repeat(255) })).statusCode).toBe(200);
  });

  test('a full table refuses a new key and says when to come back', async () => {
    const full = await startHttp({}, { entriesMax: 1, bytesMax: 1_000_000 });
    const put = async (key: string) =>
      full.app.inject({ method: 'PUT', url: '/key/a', payload: '1', headers: { 'idempotency-key': key } });
    expect((await put('first')).statusCode).toBe(200);
    const refused = await put('second');
    expect(refused.json()).toMatchObject({ status: 503, code: 'OVERLOADED' });
    expect(['1', '2', '3']).toContain(refused.headers['retry-after']);
    await full.close();
  });

  test('the log carries how long an answer is remembered', async () => {
    const brief = await startHttp({ idempotencyRetentionMs: 4711 });
    await brief.app.inject({ method: 'PUT', url: '/key/a', payload: '1', headers: { 'idempotency-key': 'k' } });
    expect(brief.raft.lastCommand?.idempotency).toMatchObject({ key: 'k', retentionMs: 4711 });
    await brief.close();
  });
});
