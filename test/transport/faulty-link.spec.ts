import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, LogLines, TestPeer } from './peers.js';

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
let proxy: Proxy;

beforeEach(() => {
  peers = [];
});

afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  proxy.close();
});

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
