import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Answered } from '../../scripts/bench/suite/open-loop.js';
import { sendPatiently } from '../../scripts/bench/suite/patient-loop.js';

/** When a request came, by the socket it came on. */
const arrivals = new Map<Socket, number[]>();
let server: Server;
let url: string;

beforeEach(async () => {
  arrivals.clear();
  // Refuses the first request of each connection.
  server = createServer((request, response) => {
    request.resume();
    const times = arrivals.get(request.socket) ?? [];
    arrivals.set(request.socket, [...times, performance.now()]);
    if (times.length === 0) {
      response.writeHead(503, { 'retry-after': '2', 'content-length': 0 });
    }
    response.end(times.length === 0 ? undefined : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

it('each client has a connection of its own and waits after a refusal as long as it is told', async () => {
  const answers: Answered[] = [];
  const requests = [{ method: 'PUT', path: '/key/a', body: '"1"' }] as const;
  await sendPatiently(url, { seconds: 3, requests, connections: 3 }, (answered) => answers.push(answered));
  expect(arrivals.size).toBe(3);
  for (const [first = NaN, second = NaN, ...more] of arrivals.values()) {
    // A timer may be a millisecond early.
    expect(second - first).toBeGreaterThanOrEqual(1999);
    expect(more).toEqual([]);
  }
  expect(answers.map(({ status, retryAfter }) => `${status} ${retryAfter ?? 'none'}`).sort()).toEqual([
    ...Array.from({ length: 3 }, () => '200 none'),
    ...Array.from({ length: 3 }, () => '503 2'),
  ]);
});
