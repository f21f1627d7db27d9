import type { Random } from '../../../src/lib/random.js';
import { Link, passing } from './link.js';
import type { LinkMode } from './link.js';
import { readDialler } from './peer-greeting.js';
import { TcpProxy } from './tcp-proxy.js';

/** One way between two parties, nodes or clients. */
export type Direction = readonly [from: string, to: string];

const nothing = Buffer.alloc(0);

/**
 * Everything between the nodes, and between clients and nodes: a proxy in front of each node's peer port, and one for
 * each client and node in front of HTTP.
 *
 * A node advertises the one address of its proxy to all peers; who dials is told by the greeting. Bytes from A to B are
 * of the link A to B, whichever of the two dialled.
 */
export class Network {
  private readonly links = new Map<string, Link>();
  private readonly proxies: TcpProxy[] = [];

  constructor(private readonly random: Random) {}

  link(from: string, to: string): Link {
    const name = `${from}>${to}`;
    const found = this.links.get(name) ?? new Link(from, to);
    this.links.set(name, found);
    return found;
  }

  /** The port that peers dial for the node that listens on `targetPort`. */
  async peerPort(nodeId: string, targetPort: number): Promise<number> {
    return this.listen(async (socket) => {
      const dialler = await readDialler(socket);
      if (dialler === null) {
        return null;
      }
      const { nodeId: from, head } = dialler;
      return { targetPort, there: this.link(from, nodeId), back: this.link(nodeId, from), head };
    });
  }

  /** The port that `client` dials for the node that listens on `targetPort`. */
  async clientPort(client: string, nodeId: string, targetPort: number): Promise<number> {
    const there = this.link(client, nodeId);
    const back = this.link(nodeId, client);
    return this.listen(() => Promise.resolve({ targetPort, there, back, head: nothing }));
  }

  /** Puts a mode in force in these directions. */
  set(directions: readonly Direction[], mode: LinkMode): void {
    for (const [from, to] of directions) {
      this.link(from, to).set(mode);
    }
  }

  /** Everything passes again. */
  heal(): void {
    for (const link of this.links.values()) {
      if (link.mode.kind !== 'pass') {
        link.set(passing);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  private async listen(findRoute: Parameters<typeof TcpProxy.listen>[0]): Promise<number> {
    const proxy = await TcpProxy.listen(findRoute, this.random.fork());
    this.proxies.push(proxy);
    return proxy.port;
  }
}

/** Both directions of each pair. */
export function bothWays(directions: readonly Direction[]): Direction[] {
  return directions.flatMap(([from, to]): Direction[] => [
    [from, to],
    [to, from],
  ]);
}

/** Every direction from one of `left` to one of `right`. */
export function between(left: readonly string[], right: readonly string[]): Direction[] {
  return left.flatMap((from) => right.filter((to) => to !== from).map((to): Direction => [from, to]));
}
