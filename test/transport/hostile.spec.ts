import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodeMessage } from '../../src/transport/message-codec.js';
import { frameHeader } from '../../src/transport/frame-assembler.js';
import { decodeGreeting, encodeHello, ownVersions } from '../../src/transport/hello.js';
import type { Hello } from '../../src/transport/hello.js';
import type { Message } from '../../src/raft/index.js';
import { clusterId, dialRaw, eventually, LogLines, readToEnd, TestPeer } from './peers.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const secret = 'c0ffee-payload';
let logger: LogLines;
let peers: TestPeer[];
let sockets: Socket[];

beforeEach(() => {
  logger = new LogLines();
  peers = [];
  sockets = [];
});

afterEach(async () => {
  sockets.forEach((socket) => socket.destroy());
  await Promise.all(peers.map((peer) => peer.stop()));
});

async function start(changes: Omit<Parameters<typeof TestPeer.start>[1], 'logger'> = {}, id = 'a'): Promise<TestPeer> {
  const peer = await TestPeer.start(id, { ...changes, logger });
  peers.push(peer);
  peer.identify();
  return peer;
}

async function dial(peer: TestPeer): Promise<Socket> {
  const socket = await dialRaw(peer.port);
  sockets.push(socket);
  return socket;
}

function frame(payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(payload), payload]);
}

function hello(changes: Partial<Hello> = {}): Hello {
  const sender = { clusterId, nodeId: 'x', instanceId: 'x-disk' };
  return { versions: ownVersions, ...sender, toNodeId: 'a', toInstanceId: 'a-disk', channel: 'raft', ...changes };
}

function heartbeat(changes: Partial<Message> = {}): Uint8Array {
  const envelope = { from: 'x', fromInstance: 'x-disk', to: 'a', term: 4 };
  return encodeMessage({ type: 'heartbeat', ...envelope, leaderCommit: 0, round: 1, ...changes } as Message);
}

/** A connection whose greeting was accepted. */
async function greeted(peer: TestPeer, changes: Partial<Hello> = {}): Promise<Socket> {
  const socket = await dial(peer);
  socket.write(frame(encodeHello(hello(changes))));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

function onlyFault(peer: TestPeer): [string, number][] {
  return [...peer.stats.faults];
}

describe('bytes that are no greeting', () => {
  const tlsHello = Buffer.concat([Buffer.from('16030100f8010000f40303', 'hex'), Buffer.from(secret)]);
  it.each<[string, Uint8Array]>([
    ['HTTP', Buffer.from(`GET /${secret} HTTP/1.1\r\nHost: a\r\n\r\n`)],
    ['a TLS hello', tlsHello],
    ['random bytes', Buffer.concat([Buffer.from([0xff]), randomBytes(4096)])],
    ['a huge length', Buffer.from('ffffffff00000000', 'hex')],
    ['a frame above the limit of greetings', frame(new Uint8Array(4096))],
    ['a frame of zeros', frame(new Uint8Array(64))],
    ['an empty frame', frame(new Uint8Array(0))],
    ['a greeting that was changed on its way', changed(frame(encodeHello(hello())))],
    ['a message instead of a greeting', frame(heartbeat())],
  ])('%s closes the connection, is counted and not shown', async (_what, bytes) => {
    const a = await start();
    const socket = await dial(a);
    socket.write(bytes);

    expect(await readToEnd(socket)).toHaveLength(0);
    await eventually(() => a.stats.connectionsOpen === 0, 'it is forgotten');
    expect(onlyFault(a)).toEqual([['notAPeer', 1]]);
    expect(a.received).toEqual([]);
    expect(logger.with('notAPeer')).toHaveLength(1);
    expect(logger.with(secret)).toEqual([]);
    expect(Math.max(...logger.lines.map((line) => line.length))).toBeLessThan(1024);
  });

  it('many of them make one line in the log', async () => {
    const a = await start();
    for (let time = 0; time < 20; time += 1) {
      const socket = await dial(a);
      socket.write(`GET / HTTP/1.1\r\n\r\n`);
      await readToEnd(socket);
    }

    expect(a.stats.faults.get('notAPeer')).toBe(20);
    expect(logger.with('notAPeer')).toHaveLength(1);
    expect(logger.with('error ')).toEqual([]);
  });

  it('a greeting that does not come, or comes byte by byte, ends at its deadline', async () => {
    const a = await start({ helloTimeoutMs: 200 });
    const silent = await dial(a);
    const slow = await dial(a);
    const bytes = frame(encodeHello(hello()));
    let position = 0;
    const drip = setInterval(() => {
      slow.write(bytes.subarray(position, position + 1));
      position += 1;
    }, 20);
    await Promise.all([readToEnd(silent), readToEnd(slow)]);
    clearInterval(drip);

    expect(onlyFault(a)).toEqual([['helloTimeout', 2]]);
  });
});

describe('greetings', () => {
  it.each<[string, Partial<Hello>, string]>([
    ['of another cluster', { clusterId: 'cluster-b' }, 'foreignCluster'],
    ['for another node', { toNodeId: 'b' }, 'otherNode'],
    ['for another disk', { toInstanceId: 'old-disk' }, 'otherInstance'],
    ['of a newer protocol', { versions: { min: ownVersions.max + 1, max: ownVersions.max + 2 } }, 'protocolVersion'],
    ['of an older protocol', { versions: { min: 0, max: 0 } }, 'protocolVersion'],
  ])('%s are refused with a reason', async (_what, changes, reason) => {
    const a = await start();
    const socket = await dial(a);
    socket.write(Buffer.concat([frame(encodeHello(hello(changes))), frame(heartbeat())]));
    const answer = await readToEnd(socket);

    expect(decodeGreeting(answer.subarray(8))).toEqual({ kind: 'refusal', reason });
    expect([...a.stats.refused]).toEqual([[reason, 1]]);
    expect(a.received).toEqual([]);
  });

  // An older program would close the connection on which a message of an unknown type arrives.
  it('of an older program keep from it the messages that it does not know', async () => {
    const a = await start();
    const socket = await dial(a);
    const frames: number[] = [];
    socket.on('data', (bytes: Buffer) => frames.push(bytes.length));
    socket.write(frame(encodeHello(hello({ versions: { min: 1, max: 1 } }))));
    await eventually(() => frames.length > 0, 'the greeting is answered');
    const envelope = { from: 'a', fromInstance: 'a-disk', to: 'x', term: 1 };
    const findings = { comparedIndex: 0, divergences: [] };
    a.transport.send({ type: 'compareState', ...envelope, round: 1, index: 1, findings });
    a.transport.send({ type: 'compareStateResponse', ...envelope, round: 1, index: 1, checksum: null });
    a.transport.send({ type: 'timeoutNow', ...envelope });

    await eventually(() => a.stats.framesSent === 1, 'what it knows is sent');
    expect([...a.stats.dropped]).toEqual([['olderPeer', 2]]);
  });

  it('of a program that speaks newer versions too are accepted', async () => {
    const a = await start();
    const newer = Buffer.concat([encodeHello(hello({ versions: { min: 1, max: 9 } })), Buffer.from('more to come')]);
    const socket = await dial(a);
    socket.write(Buffer.concat([frame(newer), frame(heartbeat())]));

    expect(await a.receives(1)).toMatchObject([{ from: 'x', round: 1 }]);
  });

  it('that come after the node learned its cluster are judged by it, also on a connection from before', async () => {
    const a = await start();
    a.identify(null);
    const socket = await dial(a);
    await eventually(() => a.stats.connectionsOpen === 1, 'the connection is accepted');
    a.identify();
    socket.write(Buffer.concat([frame(encodeHello(hello())), frame(heartbeat())]));

    expect(await a.receives(1)).toMatchObject([{ from: 'x', round: 1 }]);
  });

  it('with names that are no names for a log are shown without harm', async () => {
    const a = await start();
    a.identify(null);
    const socket = await dial(a);
    socket.write(frame(encodeHello(hello({ nodeId: `\u001b[31m\n${'y'.repeat(200)}` }))));
    await readToEnd(socket);

    expect(a.greetings).toHaveLength(1);
    expect(logger.lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
    expect(Math.max(...logger.lines.map((line) => line.length))).toBeLessThan(1024);
  });

  it('a second one from the same node and disk takes the place of the first', async () => {
    const a = await start();
    const first = await greeted(a);
    const second = await greeted(a);
    await readToEnd(first);
    second.write(frame(heartbeat()));

    await a.receives(1);
    expect(a.stats.connectionsOpen).toBe(1);
  });
});

describe('a connection that was greeted', () => {
  it.each<[string, Uint8Array, string]>([
    ['is no message', frame(Buffer.concat([Buffer.of(1, 1), Buffer.from(secret)])), 'malformedMessage'],
    ['is of an unknown version', frame(Buffer.from(secret)), 'unknownMessage'],
    [
      'is of an unknown type',
      frame(Uint8Array.from(heartbeat(), (byte, at) => (at === 1 ? 99 : byte))),
      'unknownMessage',
    ],
    ['says it is from another node', frame(heartbeat({ from: 'y' })), 'wrongSender'],
    ['says it is from another disk', frame(heartbeat({ fromInstance: 'other-disk' })), 'wrongSender'],
    ['is meant for another node', frame(heartbeat({ to: 'b' })), 'wrongReceiver'],
    ['is longer than allowed', Buffer.from('7fffffff00000000', 'hex'), 'frameTooLong'],
    ['was changed on its way', changed(frame(heartbeat())), 'checksum'],
  ])('is closed by a frame that %s', async (_what, bytes, fault) => {
    const a = await start();
    const socket = await greeted(a);
    socket.write(Buffer.concat([bytes, frame(heartbeat())]));
    await readToEnd(socket);

    expect(onlyFault(a)).toEqual([[fault, 1]]);
    expect(a.received).toEqual([]);
    expect(logger.with(secret)).toEqual([]);
    expect(logger.with('error ')).toEqual([]);
  });

  it('is closed when a frame takes too long, even where its bytes trickle in', async () => {
    const a = await start({ frameTimeoutMs: 200 });
    const socket = await greeted(a);
    const bytes = frame(heartbeat());
    socket.write(Buffer.concat([bytes, bytes.subarray(0, 10)]));
    const drip = setInterval(() => socket.write(bytes.subarray(10, 11)), 20);
    await readToEnd(socket);
    clearInterval(drip);

    expect(onlyFault(a)).toEqual([['frameTimeout', 1]]);
    expect(a.received).toHaveLength(1);
  });

  it('takes no more than its share of memory when the other side does not read', async () => {
    const a = await start({ outboxBytesMax: 1024 * 1024 });
    const socket = await greeted(a);
    socket.pause();
    const data = new Uint8Array(256 * 1024);
    const entry = { index: 1, term: 1, kind: 'command' as const, timeMs: 0, proposal: null, data };
    const position = { prevLogIndex: 0, prevLogTerm: 0, leaderCommit: 0, entries: [entry] };
    const envelope = { from: 'a', fromInstance: 'a-disk', to: 'x', term: 1 };
    await eventually(() => {
      a.transport.send({ type: 'appendEntries', ...envelope, ...position });
      return (a.stats.dropped.get('outboxFull') ?? 0) > 10;
    }, 'messages are dropped');
    socket.write(frame(heartbeat()));

    await a.receives(1);
  });
});

describe('a flood of connections', () => {
  it('is capped, leaves connected peers alone and lets others in', async () => {
    const a = await start({ peerConnectionsMax: 40 });
    const b = await start({}, 'b');
    b.knows(a.member, b.member);
    a.knows(a.member, b.member);
    await Promise.all([a.sees('b', 'up'), b.sees('a', 'up')]);
    const flood = await Promise.all(Array.from({ length: 300 }, () => dial(a)));
    await eventually(() => a.stats.connectionsCapped >= 261, 'the flood is capped');

    expect(a.stats.connectionsOpen).toBe(40);
    b.heartbeat('a', 5);
    expect(await a.receives(1)).toMatchObject([{ from: 'b', round: 5 }]);
    const late = await greeted(a);
    late.write(frame(heartbeat()));
    expect(await a.receives(2)).toMatchObject([{ from: 'b' }, { from: 'x' }]);
    expect(b.stats.peers.get('a')?.state).toBe('up');
    expect(logger.with('40 connections')).toHaveLength(1);
    expect(flood).toHaveLength(300);
  });
});

function changed(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}
