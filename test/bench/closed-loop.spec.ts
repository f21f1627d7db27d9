import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sendInTurn } from '../../scripts/bench/suite/closed-loop.js';
import type { Answered } from '../../scripts/bench/suite/open-loop.js';
import type { BenchRequest } from '../../scripts/bench/suite/requests.js';

const requests: BenchRequest[] = [{ method: 'PUT', path: '/key/a', body: '"1"' }];

let server: Server;
let url: string;
const underWay = { now: 0, most: 0, inAll: 0 };

beforeEach(async () => {
  Object.assign(underWay, { now: 0, most: 0, inAll: 0 });
  server = createServer((request, response) => {
    request.resume();
    underWay.now += 1;
    underWay.inAll += 1;
    underWay.most = Math.max(underWay.most, underWay.now);
    setTimeout(() => {
      underWay.now -= 1;
      response.end('{}');
    }, 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

it('each client sends again once it is answered, until time is over, and waits for its last answer', async () => {
  const answers: Answered[] = [];
  await sendInTurn(url, { seconds: 0.2, requests, connections: 4 }, (answered) => answers.push(answered));
  expect(underWay.most).toBe(4);
  expect(underWay.now).toBe(0);
  expect(answers).toHaveLength(underWay.inAll);
  expect(answers.length).toBeGreaterThan(4);
  expect(
    answers.every(({ status, latencyMs, servedMs }) => status === 200 && servedMs > 15 && servedMs <= latencyMs),
  ).toBe(true);
});
