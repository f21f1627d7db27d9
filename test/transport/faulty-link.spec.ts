import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Member } from '../../src/raft/index.js';
import { frameHeader } from '../../src/transport/frame-assembler.js';
import { encodeHello, ownVersions } from '../../src/transport/hello.js';
import { clusterId, eventually, LogLines, TestPeer } from './peers.js';

// A cut link is noticed after some seconds.
jest.setTimeout(60_000);

/** Passes bytes on in both directions, until it is cut: then it takes what arrives, and closes nothing. */
class Proxy {
  private isCut = false;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (near) => {
      const far = connect({ port, host: '127.0.0.1' });
      proxy.pass(near, far);
      proxy.pass(far, near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
  }

  /** Connections of before stay dead, as after a lost route table of a firewall. */
  heal(): void {
    this.isCut = false;
    this.sockets.forEach((socket) => socket.removeAllListeners('data').resume());
  }

  close(): void {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => undefined);
    from.on('data', (chunk) => this.isCut || to.write(chunk));
    from.on('close', () => this.isCut || to.destroy());
  }
}

let peers: TestPeer[];
let proxy: Proxy | null;

beforeEach(() => {
  peers = [];
  proxy = null;
});

afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  proxy?.close();
});

describe('a peer that greets and then reads no more', () => {
  it('costs no more memory than its outbox', async () => {
    const a = await TestPeer.start('a', { logger: new LogLines(), outboxBytesMax: 2 * 1024 * 1024 });
    peers.push(a);
    const deaf = await deafPeer();
    a.identify();
    a.knows(a.member, deaf.member);
    await a.sees('b', 'up');
    const data = new Uint8Array(512 * 1024);
    const entries = [{ index: 1, term: 1, kind: 'command' as const, timeMs: 0, proposal: null, data }];
    const position = { prevLogIndex: 0, prevLogTerm: 0, leaderCommit: 0 };
    const envelope = { from: 'a', fromInstance: 'a-disk', to: 'b', term: 1 };
    await eventually(() => {
      a.transport.send({ type: 'appendEntries', ...envelope, ...position, entries });
      return (a.stats.dropped.get('outboxFull') ?? 0) > 10;
    }, 'messages are dropped');
    deaf.close();
  });
});

describe('a peer that speaks an older version', () => {
  it('is sent nothing that it does not know', async () => {
    const a = await TestPeer.start('a', { logger: new LogLines() });
    peers.push(a);
    const older = await deafPeer({ min: 1, max: 1 });
    a.identify();
    a.knows(a.member, older.member);
    await a.sees('b', 'up');
    const envelope = { from: 'a', fromInstance: 'a-disk', to: 'b', term: 1 };
    a.transport.send({ type: 'compareStateResponse', ...envelope, round: 1, index: 1, checksum: null });
    a.heartbeat('b');

    await eventually(() => a.stats.framesSent === 1, 'what it knows is sent');
    expect([...a.stats.dropped]).toEqual([['olderPeer', 1]]);
    older.close();
  });
});

/** Answers the greeting of `a` as `b`, and never reads again. */
async function deafPeer(versions = ownVersions): Promise<{ member: Member; close: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.pause();
      const self = { clusterId, nodeId: 'b', instanceId: 'b-disk', toNodeId: 'a', toInstanceId: 'a-disk' };
      const hello = encodeHello({ versions, ...self, channel: 'raft' });
      socket.write(Buffer.concat([frameHeader(hello), hello]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const raftAddr = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    member: { id: 'b', instanceId: 'b-disk', httpAddr: 'b:1', raftAddr, role: 'voter', promote: true },
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

describe('a link that is cut without a word', () => {
  it('is noticed, and dialled again once it is healed', async () => {
    const logger = new LogLines();
    const a = await TestPeer.start('a', { logger });
    const b = await TestPeer.start('b', { logger });
    peers.push(a, b);
    proxy = await Proxy.to(b.port);
    a.identify();
    b.identify();
    a.knows(a.member, { ...b.member, raftAddr: proxy.address });
    await a.sees('b', 'up');
    a.heartbeat('b', 1);
    await b.receives(1);

    proxy.cut();
    await a.sees('b', 'down');
    expect(a.stats.faults.get('silent')).toBe(1);

    proxy.heal();
    await a.sees('b', 'up');
    a.heartbeat('b', 2);
    expect(await b.receives(2)).toMatchObject([{ round: 1 }, { round: 2 }]);
    await eventually(() => b.stats.connectionsOpen === 1, 'b forgets the dead connection');
  });
});
