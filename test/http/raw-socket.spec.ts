import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import { encodeCommand } from '../../src/state-machine/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { exchange, listenOnLoopback } from '../support/raw-http.js';
import { kept } from '../support/kept.js';

let http: HttpHarness;
let port: number;

beforeAll(async () => {
  http = await startHttp({ bodyBytesMax: 64 * 1024, valueBytesMax: 32 * 1024 });
  port = await listenOnLoopback(http.app);
});

afterAll(() => http.close());

const postHead = 'POST /key HTTP/1.1\r\nHost: a\r\n';

function problemOf(exchanged: { body: string }): Record<string, unknown> {
  return JSON.parse(exchanged.body) as Record<string, unknown>;
}

describe('what the parser refuses is a problem and closes the connection', () => {
  test.each([
    ['Content-Length and Transfer-Encoding', 'Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two Content-Lengths', 'Content-Length: 7\r\nContent-Length: 8\r\n\r\n{"a":1}'],
    ['a negative Content-Length', 'Content-Length: -1\r\n\r\n'],
    ['a Content-Length that is no number', 'Content-Length: 7a\r\n\r\n{"a":1}'],
    ['a chunk size that is no number', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{"a":1}\r\n0\r\n\r\n'],
    ['a chunk longer than its size', 'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a":1}\r\n0\r\n\r\n'],
    ['an encoding behind chunked', 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['a header line without a colon', 'Nonsense\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 7\r\n\r\n{"a":1}'],
    ['a folded header', 'X-A: b\r\n c\r\nContent-Length: 7\r\n\r\n{"a":1}'],
  ])('%s: 400', async (_what, rest) => {
    const before = http.store.revision();
    const answer = await exchange(port, `${postHead}${rest}`);
    expect(answer.status).toBe(400);
    expect(problemOf(answer)).toMatchObject({ status: 400, code: 'BAD_REQUEST', requestId: expect.any(String) });
    expect(answer.text).toContain('content-type: application/problem+json');
    expect(http.store.revision()).toBe(before);
  });

  test('a request that hides behind a bad one is not read', async () => {
    const hidden = 'DELETE /key?prefix=a HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await exchange(
      port,
      `${postHead}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    );
    expect(answer.text.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  });

  test.each(['GARBAGE\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'GET / HTTP/9.9\r\n\r\n'])(
    'bytes that are no HTTP: 400',
    async (bytes) => {
      expect((await exchange(port, Buffer.from(bytes, 'latin1'))).status).toBe(400);
    },
  );

  test.each([
    ['one header of 64 KiB', `X-Big: ${'x'.repeat(64 * 1024)}\r\n`],
    ['20,000 headers', 'X-H: 1\r\n'.repeat(20_000)],
  ])('%s: 431', async (_what, headers) => {
    const answer = await exchange(port, `GET /key/a HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    expect(answer.status).toBe(431);
    expect(problemOf(answer)).toMatchObject({ code: 'HEADERS_TOO_LARGE' });
  });
});

describe('slow clients', () => {
  let slow: HttpHarness;
  let slowPort: number;

  beforeAll(async () => {
    slow = await startHttp({ httpHeaderTimeoutMs: 100, httpRequestTimeoutMs: 200 });
    slowPort = await listenOnLoopback(slow.app);
  });

  afterAll(() => slow.close());

  test.each([
    ['headers', 'GET /key/a HTTP/1.1\r\nHost: a\r\nX-'],
    ['a body', 'POST /key HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"a"'],
  ])('%s that do not end: 408', async (_what, bytes) => {
    const answer = await exchange(slowPort, bytes);
    expect(answer.status).toBe(408);
    expect(problemOf(answer)).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  test('each body has its own time', async () => {
    const bodies = ['{"a"', '{"b"', '{"c"'];
    const answers = bodies.map((body) =>
      exchange(slowPort, `${postHead}Content-Length: 100\r\n\r\n${body}`).then(({ status }) => status),
    );
    const whole = exchange(slowPort, `${postHead}Connection: close\r\nContent-Length: 7\r\n\r\n{"d"`, ':1}');
    expect((await whole).status).toBe(200);
    expect(await Promise.all(answers)).toEqual([408, 408, 408]);
    // The timer that serves all is set anew for what comes after it rang.
    expect((await exchange(slowPort, `${postHead}Content-Length: 100\r\n\r\n{"e"`)).status).toBe(408);
  });

  test.each(['', 'Content-Length: 0\r\n', 'Content-Length: 5\r\n'])(
    'the time of a body is not that of an answer (%j)',
    async (header) => {
      const wait = 'GET /key/a?min-revision=1000000&timeout=400ms HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
      const answer = await exchange(slowPort, `${wait}${header}\r\n`);
      expect(problemOf(answer)).toMatchObject({ code: 'TIMEOUT' });
    },
  );

  test('a body that is there in time waits for its outcome as long as it was told to', async () => {
    let release = (): void => undefined;
    slow.raft.gate = new Promise((resolve) => {
      release = resolve;
    });
    const answer = exchange(slowPort, `${postHead}Connection: close\r\nContent-Length: 7\r\n\r\n{"d":1}`);
    expect((await exchange(slowPort, `${postHead}Content-Length: 100\r\n\r\n{"e"`)).status).toBe(408);
    release();
    expect((await answer).status).toBe(200);
  });
});

describe('large bodies are refused before they are read', () => {
  test.each([
    ['a body above the limit', `${postHead}Content-Length: ${64 * 1024 + 1}\r\n\r\n`, 'BODY_TOO_LARGE'],
    [
      'a value above the limit',
      `PUT /key/a HTTP/1.1\r\nHost: a\r\nContent-Length: ${40 * 1024}\r\n\r\n`,
      'VALUE_TOO_LARGE',
    ],
    [
      'a body that waits for 100 Continue',
      `${postHead}Expect: 100-continue\r\nContent-Length: ${1024 * 1024}\r\n\r\n`,
      'BODY_TOO_LARGE',
    ],
  ])('%s', async (_what, head, code) => {
    // Not one byte of the body is sent: an answer shows that none was waited for.
    const answer = await exchange(port, head);
    expect(answer.status).toBe(413);
    expect(problemOf(answer)).toMatchObject({ code });
  });

  test('chunks without an end', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const answer = await exchange(
      port,
      `${postHead}Transfer-Encoding: chunked\r\n\r\n`,
      chunk,
      chunk,
      chunk,
      chunk,
      chunk,
    );
    expect(answer.status).toBe(413);
  });
});

describe('bodies that are not read as JSON', () => {
  test.each(['Content-Encoding: gzip', 'Content-Type: application/json; charset=utf-16', 'Content-Encoding: br, gzip'])(
    '%s: 415 before the body arrives',
    async (header) => {
      const answer = await exchange(port, `${postHead}${header}\r\nContent-Length: 100\r\n\r\n`);
      expect(answer.status).toBe(415);
      expect(problemOf(answer)).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    },
  );
});

describe('expectations', () => {
  test('100-continue is answered and the write happens', async () => {
    const answer = await exchange(
      port,
      `${postHead}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 14\r\n\r\n`,
      '{"expected":1}',
    );
    expect(answer.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(kept(http.store.get('expected'))?.value).toBe('1');
  });

  test('any other expectation: 417', async () => {
    const answer = await exchange(port, `${postHead}Expect: miracles\r\nContent-Length: 7\r\n\r\n{"a":1}`);
    expect(answer.status).toBe(417);
  });
});

describe('paths as they stand on the wire', () => {
  test.each([
    ['/key/.', '.'],
    ['/key/..', '..'],
    ['/key/%2e%2e', '..'],
    ['/key/a/../b', 'a/../b'],
    ['http://elsewhere.test/key/absolute', 'absolute'],
  ])('%s is the key %s', async (target, key) => {
    const length = `Content-Length: 1\r\nConnection: close\r\n\r\n1`;
    expect((await exchange(port, `PUT ${target} HTTP/1.1\r\nHost: a\r\n${length}`)).status).toBe(200);
    expect(kept(http.store.get(key))?.value).toBe('1');
    await exchange(port, `DELETE ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(http.store.get(key)).toBeUndefined();
  });

  test.each(['/key/%', '/key/%zz', '/key/%C0%AF', '/key/%ED%A0%80', '/key/%00'])(
    '%s: 400 INVALID_KEY',
    async (target) => {
      const answer = await exchange(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect([answer.status, problemOf(answer).code]).toEqual([400, 'INVALID_KEY']);
      expect(answer.text).toContain('x-request-id: ');
    },
  );

  test('a long value is whole, and the next answer follows behind it', async () => {
    const value = `"${'é'.repeat(10_000)}"`;
    const target = '/key/long';
    const length = Buffer.byteLength(value);
    await exchange(
      port,
      `PUT ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${value}`,
    );
    const one = `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const last = `GET ${target}?raw HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const { text } = await exchange(port, `HEAD ${target} HTTP/1.1\r\nHost: a\r\n\r\n${one}${last}`);
    const bodies = text.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/).slice(1);
    expect(bodies.map((body) => body.length)).toEqual([0, value.length + 9, value.length - 2]);
    expect(bodies).toEqual(['', `{"long":${value}}`, value.slice(1, -1)]);
  });

  test('HEAD sends no body', async () => {
    const answer = await exchange(port, 'HEAD /key/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([404, '']);
  });
});

test('a client that goes away in the middle of its body leaves the node working', async () => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${postHead}Content-Length: 100\r\n\r\n{"a"`);
  socket.destroy();
  await once(socket, 'close');
  const answer = await exchange(port, 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(answer.status).toBe(200);
});

test('connections above the limit are closed', async () => {
  const capped = await startHttp({ httpConnectionsMax: 1 });
  const cappedPort = await listenOnLoopback(capped.app);
  const first = connect(cappedPort, '127.0.0.1');
  first.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(first, 'data');
  expect((await exchange(cappedPort, 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')).text).toBe('');
  first.destroy();
  await capped.close();
});

test('a request in flight is answered during a shutdown and its connection closed', async () => {
  const stopping = await startHttp();
  const stoppingPort = await listenOnLoopback(stopping.app);
  let closed: Promise<void> = Promise.resolve();
  const answered = exchange(stoppingPort, 'GET /key/a?level=stale&min-revision=1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise<void>((resolve) => {
    stopping.raft.onWait = () => {
      closed = stopping.close();
      void stopping.raft.propose(writeOfA(), { timeoutMs: 1000 });
      resolve();
    };
  });
  const answer = await answered;
  await closed;
  expect(answer.status).toBe(200);
  expect(answer.text.toLowerCase()).toContain('connection: close');
});

function writeOfA(): Uint8Array {
  return encodeCommand({
    idempotency: null,
    command: { kind: 'put', entries: [{ key: 'a', value: encodeText('1') }], condition: null },
  });
}
