import { once } from 'node:events';
import { connect } from 'node:net';
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

/** {@link WriteRefusals} that refuse every PUT, in turns and at times that the test says; each answer takes a millisecond. */
class HeldRefusals {
  /** The headers of each answer. */
  readonly answers: Record<string, string>[] = [];
  readonly answering = new Answering();
  readonly refusals: WriteRefusals;
  nowMs = 0;
  /** What is to be done in the next turn. */
  private readonly work: (() => void)[] = [];

  constructor() {
    this.refusals = new WriteRefusals(this.answering, {
      nowMs: () => this.nowMs,
      nextTurn: (work) => {
        this.work.push(work);
      },
    });
    this.refusals.guard({ isFull: () => true, noteRefusal: () => undefined });
    this.refusals.addRoute('/key/*', ['PUT']);
  }

  /** A write on the connection of this socket. */
  write(socket: object = {}): void {
    const request = { method: 'PUT', url: '/key/a', headers: {}, complete: true, socket };
    const response = {
      writeHead: (_status: number, headers: readonly string[]) => {
        this.nowMs += 1;
        this.answers.push(byName(headers));
        return response;
      },
      end: () => response,
    };
    this.refusals.before(() => {
      throw new Error('it is refused');
    })(request as never, response as never);
  }

  /** Whether anything is to be done in the next turn. */
  get isWaiting(): boolean {
    return this.work.length > 0;
  }

  /** @param ms - How long the loop was busy with other work before. */
  turn(ms = 0): void {
    this.nowMs += ms;
    this.work.splice(0).forEach((work) => {
      work();
    });
  }
}

// A client that comes back at once keeps its turn of the loop from ending, and then nothing that waits gets on.
test('refusals wait for the end of the turn, and all of it is told then', () => {
  const held = new HeldRefusals();
  held.write();
  held.write();
  expect(held.answers).toHaveLength(0);
  held.turn();
  expect(held.answers).toHaveLength(2);
  expect(held.isWaiting).toBe(false);
});

describe('a client that comes back within a second', () => {
  const sockets = Array.from({ length: 100 }, () => ({}));
  let held: HeldRefusals;

  beforeEach(() => {
    held = new HeldRefusals();
    sockets.forEach((socket) => {
      held.write(socket);
    });
    held.turn();
    held.answers.length = 0;
    sockets.forEach((socket) => {
      held.write(socket);
    });
  });

  test('is told when its turn comes, in a fortieth of the time of the others', () => {
    // What the loop did since they came: 200 ms, of which 5 are theirs.
    held.turn(200);
    expect(held.answers).toHaveLength(5);
    held.turn(400);
    expect(held.answers).toHaveLength(15);
    expect(held.isWaiting).toBe(true);
  });

  test('is told in the next turns, one by one at least, where there is no other work', () => {
    for (let turn = 1; turn <= sockets.length; turn += 1) {
      held.turn();
      expect(held.answers).toHaveLength(turn);
    }
    expect(held.isWaiting).toBe(false);
  });

  test('does not hold up one that comes for the first time, or after as long as it was told', () => {
    held.turn(200);
    const [first] = sockets;
    held.write({});
    held.nowMs += 1000;
    held.write(first);
    held.turn();
    // Both of them, which takes 2 ms, and of the others as many as 1,002 ms allow.
    expect(held.answers.length - 5).toBe(2 + 26);
  });
});

test('refusals leave in the next turn while the server closes, and close their connections', () => {
  const held = new HeldRefusals();
  const socket = {};
  held.write(socket);
  held.turn();
  held.answers.length = 0;
  held.write(socket);
  held.write(socket);
  held.answering.drain();
  held.refusals.drain();
  held.turn();
  const last = { connection: 'close', 'retry-after': expect.any(String) };
  expect(held.answers).toMatchObject([last, last]);
});
