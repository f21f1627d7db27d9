import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runOpenLoop, sendByClock } from '../../scripts/bench/suite/open-loop.js';
import type { Answered } from '../../scripts/bench/suite/open-loop.js';
import type { BenchRequest } from '../../scripts/bench/suite/requests.js';

const requests: BenchRequest[] = [
  { method: 'PUT', path: '/key/a', body: '"1"' },
  { method: 'GET', path: '/key/b', body: null },
];

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that answers the request of this number, counting from 0, its way. */
async function serving(answer: (number: number, response: ServerResponse) => void): Promise<Served> {
  const seen: string[] = [];
  const connections = { now: 0, most: 0 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`.trimEnd());
      answer(seen.length - 1, response);
    });
  });
  server.on('connection', (socket) => {
    connections.now += 1;
    connections.most = Math.max(connections.most, connections.now);
    socket.once('close', () => (connections.now -= 1));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, connections };
}

interface Served {
  readonly url: string;
  readonly seen: readonly string[];
  readonly connections: { readonly most: number };
}

/** Twenty requests, one every 10 ms. */
const twenty = { rate: 100, seconds: 0.2, requests };

async function answersOf(url: string, connections: number): Promise<Answered[]> {
  const answers: Answered[] = [];
  await sendByClock(url, { ...twenty, connections }, (answered) => {
    answers.push(answered);
  });
  return answers;
}

describe('an open loop', () => {
  it('sends the requests in turn, whole, as many as the rate says', async () => {
    const { url, seen } = await serving((_number, response) => response.end('{}'));
    const result = await runOpenLoop(url, twenty);
    expect(result).toMatchObject({ rate: 100, requests: 20 });
    expect([...seen].sort()).toEqual([
      ...Array.from({ length: 10 }, () => 'GET /key/b'),
      ...Array.from({ length: 10 }, () => 'PUT /key/a "1"'),
    ]);
  });

  it('goes on sending while the server stalls', async () => {
    // Answers nothing until the last request is there: clients that wait for their answers would never send it.
    const held: ServerResponse[] = [];
    const { url } = await serving((number, response) => {
      held.push(response);
      if (number === 19) {
        held.forEach((each) => each.end('{}'));
      }
    });
    const answers = await answersOf(url, 256);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it('counts latency from when a request was due, also where it waited for a connection', async () => {
    const { url, connections } = await serving((number, response) => {
      setTimeout(() => response.end('{}'), number === 0 ? 100 : 0);
    });
    const answers = await answersOf(url, 1);
    const stalledUntilMs = answers[0]?.atMs ?? NaN;
    expect(connections.most).toBe(1);
    expect(answers).toHaveLength(20);
    answers.forEach(({ latencyMs, atMs }, place) => {
      expect(atMs - latencyMs).toBeCloseTo(10 * place, 3);
      expect(latencyMs).toBeGreaterThanOrEqual(stalledUntilMs - 10 * place - 0.001);
    });
  });

  it('fails at an answer that is not 2xx where the rate is to be taken', async () => {
    const { url } = await serving((number, response) => {
      response.writeHead(number === 3 ? 503 : 200, { 'content-length': 0 }).end();
    });
    await expect(runOpenLoop(url, twenty)).rejects.toThrow(`an answer of ${url} was 503`);
  });

  it('notes refusals with and without Retry-After, and requests without an answer', async () => {
    const { url } = await serving((number, response) => {
      if (number === 2) {
        response.socket?.destroy();
      } else if (number < 2) {
        response.writeHead(503, number === 0 ? { 'retry-after': '1', 'content-length': 0 } : { 'content-length': 0 });
        response.end();
      } else {
        response.end('{}');
      }
    });
    const answers = await answersOf(url, 256);
    const told = answers.map(({ status, retryAfter }) => `${status} ${retryAfter ?? 'none'}`);
    expect(told.filter((each) => each !== '200 none').sort()).toEqual(['0 none', '503 1', '503 none']);
    expect(answers).toHaveLength(20);
  });

  it('opens all connections where it is told to, also those that it does not need', async () => {
    const served = await serving((_number, response) => response.end('{}'));
    await sendByClock(served.url, { ...twenty, connections: 150, opensFirst: true }, () => undefined);
    expect(served.connections.most).toBe(150);
  });

  it('goes on with a new connection where the server closes one', async () => {
    const { url, connections } = await serving((_number, response) => {
      response.setHeader('connection', 'close').end('{}');
    });
    const result = await runOpenLoop(url, twenty);
    expect(result.requests).toBe(20);
    expect(connections.most).toBeLessThanOrEqual(20);
  });

  it('fails where nobody listens', async () => {
    const { url } = await serving((_number, response) => response.end());
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    await expect(runOpenLoop(url, twenty)).rejects.toThrow(`${url} did not answer`);
  });
});
