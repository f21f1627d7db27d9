import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { PeerTransport } from '../../src/ports/peer-transport.port.js';
import type { ForeignGreeting } from '../../src/ports/peer-transport.port.js';
import { Configuration } from '../../src/raft/index.js';
import type { Member, Message } from '../../src/raft/index.js';
import { PeerServer } from '../../src/transport/peer-server.js';
import { PeerStats } from '../../src/transport/peer-stats.js';
import { TcpPeerTransport } from '../../src/transport/tcp-peer-transport.js';
import { TransportModule } from '../../src/transport/transport.module.js';
import type { TransportOptions } from '../../src/transport/transport-options.js';

export const clusterId = 'cluster-a';

const testOptions: TransportOptions = {
  bindHost: '127.0.0.1',
  bindPort: 0,
  frameBytesMax: 8 * 1024 * 1024,
  outboxBytesMax: 64 * 1024 * 1024,
  dialTimeoutMs: 2000,
  dialBackoffMaxMs: 100,
  helloTimeoutMs: 5000,
  frameTimeoutMs: 30_000,
  peerConnectionsMax: 256,
};

/** Keeps the lines of all nodes of a test instead of showing them. */
export class LogLines implements LoggerService {
  readonly lines: string[] = [];

  log(message: unknown): void {
    this.lines.push(`log ${String(message)}`);
  }

  warn(message: unknown): void {
    this.lines.push(`warn ${String(message)}`);
  }

  error(message: unknown): void {
    this.lines.push(`error ${String(message)}`);
  }

  /** Lines that say `text`. */
  with(text: string): string[] {
    return this.lines.filter((line) => line.includes(text));
  }
}

/** One node's transport in a Nest application of its own, with everything that reached it. */
export class TestPeer {
  readonly received: Message[] = [];
  readonly greetings: ForeignGreeting[] = [];

  private constructor(
    readonly id: string,
    readonly instanceId: string,
    private readonly app: INestApplication,
  ) {
    this.transport.onMessage((message) => this.received.push(message));
    this.transport.onForeignGreeting((greeting) => this.greetings.push(greeting));
  }

  /** Listens; {@link TestPeer.identify} makes it take part. */
  static async start(
    id: string,
    options: Partial<TransportOptions> & { logger: LoggerService; instanceId?: string },
  ): Promise<TestPeer> {
    const { logger, instanceId = `${id}-disk`, ...changes } = options;
    const module = TransportModule.register({ ...testOptions, ...changes });
    const compiled = await Test.createTestingModule({ imports: [module] })
      .setLogger(logger)
      .compile();
    const app = compiled.createNestApplication(new FastifyAdapter());
    app.connectMicroservice({ strategy: app.get(PeerServer) });
    try {
      await app.startAllMicroservices();
      await app.init();
    } catch (error) {
      await app.close();
      throw error;
    }
    return new TestPeer(id, instanceId, app);
  }

  get transport(): PeerTransport {
    return this.app.get(PeerTransport);
  }

  /** Hands a message on as if it had arrived. */
  deliver(message: Message): void {
    this.app.get(TcpPeerTransport).deliver(message);
  }

  get stats(): PeerStats {
    return this.app.get(PeerStats);
  }

  get port(): number {
    return this.app.get(PeerServer).boundPort ?? 0;
  }

  get member(): Member {
    return {
      id: this.id,
      instanceId: this.instanceId,
      httpAddr: '127.0.0.1:1',
      raftAddr: `127.0.0.1:${this.port}`,
      role: 'voter',
      promote: true,
    };
  }

  /** Makes the node a member of `cluster`; null: of none. */
  identify(cluster: string | null = clusterId): void {
    this.transport.identify({ nodeId: this.id, instanceId: this.instanceId, clusterId: cluster });
  }

  /** The members that this node knows, itself included or not. */
  knows(...members: Member[]): void {
    this.transport.updatePeers(new Configuration(members));
  }

  heartbeat(to: string, round = 1): void {
    this.transport.send({
      type: 'heartbeat',
      from: this.id,
      fromInstance: this.instanceId,
      to,
      term: 1,
      leaderCommit: 0,
      round,
    });
  }

  /** Resolves once so many messages arrived here. */
  async receives(count: number): Promise<readonly Message[]> {
    await eventually(() => this.received.length >= count, `${this.id} receives ${count} messages`);
    return this.received;
  }

  /** Resolves once the connection to `id` is in that state. */
  async sees(id: string, state: 'up' | 'down'): Promise<void> {
    await eventually(() => this.stats.peers.get(id)?.state === state, `${this.id} sees ${id} ${state}`);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

/** Looks until the condition holds; for states that raise no event. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) {
      throw new Error(`never: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A bare connection to a peer port. */
export async function dialRaw(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Everything that the other side sends before it closes. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  if (!socket.closed) {
    await new Promise((resolve) => socket.once('close', resolve));
  }
  return Buffer.concat(chunks);
}
