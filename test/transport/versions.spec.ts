import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { frameHeader, frameHeaderBytes } from '../../src/transport/frame-assembler.js';
import { ownVersions } from '../../src/transport/hello.js';
import { encodeMessage, messageFormatVersion } from '../../src/transport/message-codec.js';
import { eventually, LogLines, TestPeer } from './peers.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

/** What a program that is newer would send in place of a payload; called for each frame of one side. */
type Rewrite = (payload: Uint8Array, number: number) => Uint8Array;

const unchanged: Rewrite = (payload) => payload;
const versionsAt = 5;
const newerVersion = ownVersions.max + 1;

/** A greeting of a program that speaks newer versions alone. */
const newerHello: Rewrite = (payload, number) =>
  number === 0 ? payload.slice().fill(newerVersion, versionsAt, versionsAt + 2) : payload;

/** A greeting of a program that speaks newer versions too. */
const alsoNewerHello: Rewrite = (payload, number) => (number === 0 ? payload.with(versionsAt + 1, 9) : payload);

/** Messages of a form to come, behind a greeting of today. */
const newerMessages: Rewrite = (payload, number) =>
  number === 0 || payload.length === 0 ? payload : payload.with(0, messageFormatVersion + 1);

let logger: LogLines;
let peers: TestPeer[];
let proxies: Server[];
let sockets: Socket[];

beforeEach(() => {
  logger = new LogLines();
  peers = [];
  proxies = [];
  sockets = [];
});

afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  sockets.forEach((socket) => socket.destroy());
  await Promise.all(proxies.map((proxy) => new Promise((resolve) => proxy.close(resolve))));
});

/** A port before `to` that makes another version of whoever dials it. */
async function proxyBefore(to: TestPeer, rewrite: Rewrite): Promise<number> {
  const proxy = createServer((dialler) => {
    const acceptor = connect({ port: to.port, host: '127.0.0.1' });
    sockets.push(dialler, acceptor);
    pump(dialler, acceptor, rewrite);
    pump(acceptor, dialler, unchanged);
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  return (proxy.address() as AddressInfo).port;
}

/** Carries whole frames from one socket to the other, rewritten. */
function pump(from: Socket, to: Socket, rewrite: Rewrite): void {
  let waiting: Buffer = Buffer.alloc(0);
  let number = 0;
  from.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= frameHeaderBytes) {
      const end = frameHeaderBytes + waiting.readUInt32BE(0);
      if (waiting.length < end) {
        return;
      }
      const payload = rewrite(waiting.subarray(frameHeaderBytes, end), number);
      to.write(Buffer.concat([frameHeader(payload), payload]));
      waiting = waiting.subarray(end);
      number += 1;
    }
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

/** `a` dials `b`, which knows nobody, as a program of another version. */
async function dialAs(rewrite: Rewrite): Promise<[TestPeer, TestPeer]> {
  const [a, b] = [await TestPeer.start('a', { logger }), await TestPeer.start('b', { logger })];
  peers.push(a, b);
  a.identify();
  b.identify();
  b.knows(b.member);
  const port = await proxyBefore(b, rewrite);
  a.knows(a.member, { ...b.member, raftAddr: `127.0.0.1:${port}` });
  return [a, b];
}

describe('programs of different versions', () => {
  it('that share none part with a reason, which both sides log, and nothing is delivered', async () => {
    const [a, b] = await dialAs(newerHello);
    a.heartbeat('b');
    await a.sees('b', 'down');
    await eventually(() => logger.with('peer b at').length > 0, 'a logs it');

    expect(a.stats.peers.get('b')?.reason).toBe('it speaks no protocol version in common with this program');
    expect(logger.with('peer b at')).toEqual([expect.stringContaining('no protocol version in common')]);
    expect(logger.with('turned away: protocolVersion')).toHaveLength(1);
    expect([...b.stats.refused.keys()]).toEqual(['protocolVersion']);
    expect(b.greetings).toEqual([]);
    expect(b.received).toEqual([]);
  });

  it('that share one talk to each other', async () => {
    const [a, b] = await dialAs(alsoNewerHello);
    a.heartbeat('b', 4);

    expect(await b.receives(1)).toMatchObject([{ from: 'a', round: 4 }]);
    expect([...b.stats.refused]).toEqual([]);
  });

  it('that talk in a form to come are cut off, which both sides log, and nothing is delivered', async () => {
    const [a, b] = await dialAs(newerMessages);
    a.heartbeat('b');
    await eventually(() => (b.stats.faults.get('unknownMessage') ?? 0) > 0, 'b closes the connection');
    await eventually(() => logger.with('peer b at').some((line) => line.includes('is down')), 'a logs it');

    expect(logger.with('(node "a") was closed: unknownMessage')).toHaveLength(1);
    expect(b.received).toEqual([]);
  });

  it('say their version at a place that stays: in a message the first byte', () => {
    const envelope = { from: 'a', fromInstance: 'i', to: 'b', term: 1 };
    expect(encodeMessage({ type: 'timeoutNow', ...envelope })[0]).toBe(messageFormatVersion);
  });
});
