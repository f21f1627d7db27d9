import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { joinCluster, JoinRefusedError } from './joiner.js';
import { WaitLog } from './wait-log.js';

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly location?: string;
}

/** A member that gives its replies in turn, the last one for good. */
interface Member {
  readonly address: string;
  readonly requests: { method: string; url: string; body: unknown }[];
}

const self = { id: 'node02', instanceId: 'i2', httpAddr: 'two.test:8091', raftAddr: 'two.test:8089' };
const joined = { status: 200, body: { clusterId: 'c1', members: [] } };
const servers: Server[] = [];

async function member(...replies: readonly Reply[]): Promise<Member> {
  const requests: Member['requests'] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? { status: 500 };
      requests.push({ method: request.method ?? '', url: request.url ?? '', body: JSON.parse(body) });
      response.writeHead(reply.status, reply.location === undefined ? {} : { location: reply.location });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? null));
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { address: `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, requests };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problem(status: number, code: string, detail = 'because'): Reply {
  return { status, body: { code, detail } };
}

/** Joins with short pauses; `lines` is what was logged. */
function start(...targets: readonly string[]) {
  const lines: string[] = [];
  const stop = new AbortController();
  const result = joinCluster({
    targets,
    self,
    signal: stop.signal,
    waits: new WaitLog({ log: (line: unknown) => lines.push(String(line)), warn: () => undefined }),
    backoff: { firstMs: 1, maxMs: 4 },
  });
  return { result, lines, stop };
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

describe('joining', () => {
  test('sends who it is and resolves with the cluster', async () => {
    const { address, requests } = await member(joined);
    const { result, lines } = start(address);
    await expect(result).resolves.toEqual({ clusterId: 'c1' });
    expect(requests).toEqual([{ method: 'POST', url: '/join', body: self }]);
    expect(lines).toEqual([]);
  });

  test('follows the leader with the same request', async () => {
    const leader = await member(joined);
    const follower = await member({ status: 307, location: `http://${leader.address}/join?x=1` });
    await expect(start(follower.address).result).resolves.toEqual({ clusterId: 'c1' });
    expect(leader.requests).toEqual([{ method: 'POST', url: '/join?x=1', body: self }]);
  });

  test('says once what it waits for, and again when that changes', async () => {
    const { address } = await member(
      problem(503, 'NO_LEADER'),
      problem(503, 'NO_LEADER'),
      problem(409, 'CHANGE_IN_PROGRESS'),
      joined,
    );
    const { result, lines } = start(address);
    await result;
    expect(lines).toEqual([
      `waiting to join through ${address}: NO_LEADER: because`,
      `waiting to join through ${address}: CHANGE_IN_PROGRESS: because`,
    ]);
  });

  test('asks the next member where one cannot be reached', async () => {
    const gone = await member(joined);
    const closing = servers.pop();
    closing?.close();
    const { address } = await member(joined);
    const { result, lines } = start(gone.address, address);
    await expect(result).resolves.toEqual({ clusterId: 'c1' });
    expect(lines).toEqual([`waiting to join through ${gone.address}: ECONNREFUSED`]);
  });

  test.each<[string, Reply]>([
    ['a page of something else', { status: 200, body: '<html>' }],
    ['200 without the cluster', { status: 200, body: { ok: true } }],
    ['404', { status: 404, body: 'not here' }],
    ['500', problem(500, 'INTERNAL')],
    ['504', problem(504, 'OUTCOME_UNKNOWN')],
    ['a redirect to another scheme', { status: 307, location: 'ftp://127.0.0.1/join' }],
    ['a redirect to nowhere', { status: 307, location: 'http://' }],
  ])('%s is no answer: it asks again', async (_what, reply) => {
    const { address, requests } = await member(reply, joined);
    const { result, lines } = start(address);
    await expect(result).resolves.toEqual({ clusterId: 'c1' });
    expect([requests.length, lines.length]).toEqual([2, 1]);
  });

  test('does not follow redirects in a circle', async () => {
    const first = await member({ status: 307, location: '/join' }, { status: 307, location: '/join' });
    const { result, lines, stop } = start(first.address);
    const stopped = result.catch((error: unknown) => error);
    while (lines.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    stop.abort(new Error('enough'));
    expect(await stopped).toEqual(new Error('enough'));
    expect(lines).toEqual([`waiting to join through ${first.address}: more than 4 redirects`]);
  });

  test.each(['CONFLICT', 'INVALID_PARAMETER'])('%s ends it with the reason of the member', async (code) => {
    const { address } = await member(problem(code === 'CONFLICT' ? 409 : 400, code, 'the id\nis taken'));
    const { result } = start(address);
    await expect(result).rejects.toThrow(JoinRefusedError);
    await expect(result).rejects.toThrow(`${address} refuses this node: ${code}: the id is taken`);
  });

  test('the signal ends an attempt that gets no answer', async () => {
    const silent = createServer();
    servers.push(silent);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { result, stop } = start(`127.0.0.1:${port}`);
    await once(silent, 'request');
    stop.abort(new Error('stopping'));
    await expect(result).rejects.toThrow('stopping');
  });
});
