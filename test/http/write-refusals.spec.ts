import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Answering } from '../../src/http/answering.js';
import { WriteRefusals } from '../../src/http/write-refusals.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { listenOnLoopback } from '../support/raw-http.js';

let http: HttpHarness;
let port: number;

beforeEach(async () => {
  http = await startHttp();
  port = await listenOnLoopback(http.app);
  http.raft.isFull = true;
});

afterEach(() => http.close());

const ask = (method: string, path: string, body?: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body }) });

describe('while too many writes wait', () => {
  test.each([
    ['PUT', '/key/a', '1'],
    ['PUT', '/key/a?timeout=1s', 'no JSON: the body is not looked at'],
    ['POST', '/key', '{"a":1}'],
    ['DELETE', '/key/a', undefined],
    ['DELETE', '/key?prefix=a', undefined],
  ] as const)('%s %s is refused with a pause before it is looked at: %s', async (method, path, body) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[123]$/);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    // The connection goes on: a new one would cost more than the answer.
    expect(answer.headers.get('connection')).toBe('keep-alive');
    expect(await answer.json()).toEqual({
      type: 'urn:raftdb:problem:overloaded',
      title: 'The node is overloaded',
      status: 503,
      detail: expect.stringContaining('nothing was changed'),
      code: 'OVERLOADED',
      requestId: answer.headers.get('x-request-id'),
    });
    expect(http.raft.lastCommand).toBeNull();
    expect(http.raft.refusals).toBe(1);
  });

  test.each([
    ['GET', '/key/none', 404],
    ['HEAD', '/key/none', 404],
    ['GET', '/key?prefix=none', 200],
    ['GET', '/status', 200],
    ['PATCH', '/key/a', 405],
    ['PUT', '/keys', 404],
  ])('%s %s is answered as ever', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status);
    expect(http.raft.refusals).toBe(0);
  });

  test('a usable request id is kept', async () => {
    const headers = { 'x-request-id': 'mine' };
    const answer = await fetch(`http://127.0.0.1:${port}/key/a`, { method: 'PUT', body: '1', headers });
    expect(answer.headers.get('x-request-id')).toBe('mine');
  });

  test('a body that is still on its way is read whole, and the write is then looked at', async () => {
    const socket = connect(port, '127.0.0.1');
    const arrived = once(http.app.getHttpServer(), 'request');
    socket.write('PUT /key/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"');
    await arrived;
    http.raft.isFull = false;
    socket.write('x"');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(http.raft.refusals).toBe(0);
  });

  test('a connection goes on behind a refusal', async () => {
    const socket = connect(port, '127.0.0.1');
    const put = 'PUT /key/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1';
    socket.write(put);
    const [first] = (await once(socket, 'data')) as [Buffer];
    http.raft.isFull = false;
    socket.write(put);
    const [second] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect([first.toString(), second.toString()].map((text) => text.slice(0, 12))).toEqual([
      'HTTP/1.1 503',
      'HTTP/1.1 200',
    ]);
  });
});

/** Headers that are given as names and values in turn. */
function byName(headers: readonly string[]): Record<string, string> {
  return Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [])));
}

/** {@link WriteRefusals} that refuse every PUT and answer when the test says so. */
class HeldRefusals {
  readonly rests: number[] = [];
  /** The headers of each answer. */
  readonly answers: Record<string, string>[] = [];
  readonly answering = new Answering();
  readonly refusals: WriteRefusals;
  private goOn = (): void => undefined;

  constructor() {
    this.refusals = new WriteRefusals(this.answering, {
      // Whatever is looked at, the loop was busy.
      utilization: () => ({ active: 1000 * this.rests.length, idle: 0 }),
      wait: (ms) => {
        this.rests.push(ms);
        return new Promise((resolve) => {
          this.goOn = resolve;
        });
      },
    });
    this.refusals.guard({ isFull: () => true, noteRefusal: () => undefined });
    this.refusals.addRoute('/key/*', ['PUT']);
  }

  write(): void {
    const request = { method: 'PUT', url: '/key/a', headers: {}, complete: true };
    const response = {
      writeHead: (_status: number, headers: readonly string[]) => {
        this.answers.push(byName(headers));
        return response;
      },
      end: () => response,
    };
    this.refusals.before(() => {
      throw new Error('it is refused');
    })(request as never, response as never);
  }

  async endRest(): Promise<void> {
    this.goOn();
    await nextTurn();
  }
}

// A client that comes back at once keeps its turn of the loop from ending, and then nothing that waits gets on.
test('refusals wait for the loop, and rest while it has other work', async () => {
  const held = new HeldRefusals();
  held.write();
  held.write();
  expect(held.answers).toHaveLength(0);
  expect(held.rests).toEqual([0]);
  await held.endRest();
  expect(held.answers).toHaveLength(2);
  expect(held.rests[1]).toBeGreaterThan(0);
  // What comes now waits for the end of the rest.
  held.write();
  expect(held.answers).toHaveLength(2);
  await held.endRest();
  expect(held.answers).toHaveLength(3);
});

test('a refusal that leaves while the server closes closes its connection', async () => {
  const held = new HeldRefusals();
  held.write();
  held.answering.drain();
  held.refusals.drain();
  await held.endRest();
  expect(held.answers).toMatchObject([{ connection: 'close', 'retry-after': expect.any(String) }]);
});
