import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Random } from '../../../src/lib/random.js';
import type { Link } from './link.js';
import { Pump } from './pump.js';

/** Where a connection goes, and the links that its two directions take. */
export interface Route {
  readonly targetPort: number;
  readonly there: Link;
  readonly back: Link;
  /** Bytes that were read already to find the route. */
  readonly head: Buffer;
}

/** Finds the route of a new connection; null: it is reset. */
export type FindRoute = (dialler: Socket) => Promise<Route | null>;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly pumps: readonly Pump[];
  readonly unfollow: () => void;
}

/**
 * A TCP proxy on the loopback interface, which spoils connections as their links say. It needs no privileges.
 *
 * Both sides of a connection are kept apart: each learns of the other's end only when the link in between passes it on.
 */
export class TcpProxy {
  private readonly strangers = new Set<Socket>();
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    private readonly findRoute: FindRoute,
    private readonly random: Random,
  ) {
    server.on('connection', (near) => {
      this.accept(near).catch(() => {
        near.resetAndDestroy();
      });
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async listen(findRoute: FindRoute, random: Random): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TcpProxy(server, findRoute, random);
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  /** Breaks every connection and listens no more. */
  async close(): Promise<void> {
    for (const stranger of this.strangers) {
      stranger.destroy();
    }
    for (const pair of [...this.pairs]) {
      pair.near.destroy();
      pair.far.destroy();
      this.forget(pair);
    }
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private async accept(near: Socket): Promise<void> {
    this.strangers.add(near);
    near.on('error', ignore);
    near.once('close', () => this.strangers.delete(near));
    const route = await this.findRoute(near);
    this.strangers.delete(near);
    if (route === null || route.there.mode.kind === 'refuse' || near.destroyed) {
      near.resetAndDestroy();
      return;
    }
    this.join(near, route);
  }

  private join(near: Socket, { targetPort, there, back, head }: Route): void {
    const far = connect({ host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true });
    far.on('error', ignore);
    const reset = (): void => {
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    const outbound = new Pump(near, far, { link: there, random: this.random, reset });
    const inbound = new Pump(far, near, { link: back, random: this.random, reset });
    let isCutOff = false;
    const cutOff = (): void => {
      if (there.mode.kind === 'halfOpen') {
        isCutOff = true;
        inbound.stop();
        far.resetAndDestroy();
      } else if (isCutOff) {
        near.resetAndDestroy();
      }
    };
    const pair = { near, far, pumps: [outbound, inbound], unfollow: there.onChange(cutOff) };
    this.pairs.add(pair);
    for (const socket of [near, far]) {
      socket.once('close', () => {
        if (near.destroyed && far.destroyed) {
          this.forget(pair);
        }
      });
    }
    cutOff();
    if (head.length > 0) {
      outbound.take(head);
    }
  }

  private forget(pair: Pair): void {
    this.pairs.delete(pair);
    pair.unfollow();
    pair.pumps.forEach((pump) => {
      pump.stop();
    });
  }
}

/** A broken connection also closes, and that is what counts. */
function ignore(): void {
  return;
}
