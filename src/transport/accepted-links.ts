import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ForeignGreeting, LocalIdentity } from '../ports/peer-transport.port.js';
import type { NodeId } from '../raft/index.js';
import type { FrameSocket, LinkEnd, LinkOwner, LinkSetup } from './frame-socket.js';
import { acceptorHandshake } from './handshake.js';
import type { ChannelKind, Hello } from './hello.js';
import { PeerStats } from './peer-stats.js';
import { QuietLog, printable } from './quiet-log.js';
import { TRANSPORT_OPTIONS } from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/** What the transport wants to know of connections that others dialled. */
export interface AcceptedLinksObserver {
  greeted(peer: Hello): void;
  foreignGreeting(greeting: ForeignGreeting): void;
}

/** The connections that others dialled: their number, their greetings, and the way back to whoever is behind them. */
@Injectable()
export class AcceptedLinks implements LinkOwner {
  /** Who this node is; null: nobody is listened to. */
  identity: LocalIdentity | null = null;
  observer: AcceptedLinksObserver | null = null;
  private isClosed = false;
  /** In the order of their arrival. */
  private readonly strangers = new Set<FrameSocket>();
  private readonly peers = new Map<NodeId, FrameSocket[]>();
  private readonly log = new QuietLog(new Logger('PeerTransport'));

  constructor(
    @Inject(TRANSPORT_OPTIONS) private readonly options: TransportOptions,
    private readonly stats: PeerStats,
  ) {}

  /** What a new connection is set up with. */
  setup(): LinkSetup {
    const handshake = acceptorHandshake(
      () => this.identity,
      (greeting) => {
        this.observer?.foreignGreeting(greeting);
      },
    );
    return { role: 'accepted', handshake, owner: this, stats: this.stats, options: this.options };
  }

  /**
   * Whether there is room for one more connection. At the limit the oldest one without a greeting makes room: a real
   * peer greets at once, so whoever fills the port with idle connections keeps no peer out.
   */
  admit(): boolean {
    if (this.isClosed) {
      return false;
    }
    if (this.stats.connectionsOpen < this.options.peerConnectionsMax) {
      return true;
    }
    this.stats.connectionsCapped += 1;
    this.log.warn('capped', `the peer port has ${this.options.peerConnectionsMax} connections: one was closed`);
    const [oldest] = this.strangers;
    if (oldest === undefined) {
      return false;
    }
    this.remove(oldest);
    oldest.destroy();
    return true;
  }

  add(link: FrameSocket): void {
    this.strangers.add(link);
    this.stats.connectionsOpen += 1;
  }

  opened(link: FrameSocket, peer: Hello): void {
    this.strangers.delete(link);
    const links = this.peers.get(peer.nodeId) ?? [];
    // The one before is half open: its other end has dialled again.
    const [former] = links.filter(({ peer: other }) => isSameChannel(other, peer));
    this.peers.set(peer.nodeId, [...links.filter((other) => other !== former), link]);
    if (former !== undefined) {
      this.stats.connectionsOpen -= 1;
      former.destroy();
    }
    this.observer?.greeted(peer);
  }

  ended(link: FrameSocket, end: LinkEnd): void {
    this.remove(link);
    this.logEnd(link, end);
  }

  /** The newest connection from `nodeId` of that kind; null: of any. */
  find(nodeId: NodeId, kind: ChannelKind | null): FrameSocket | null {
    const links = this.peers.get(nodeId) ?? [];
    return links.findLast((link) => link.isOpen && (kind === null || link.peer?.channel === kind)) ?? null;
  }

  /**
   * Closes the connections whose greetings were accepted. Those that have not greeted yet stay: they greet whoever this node is
   * by then. Resolves when they are closed.
   */
  async drop(): Promise<void> {
    await Promise.all([...this.peers.values()].flat().map((link) => link.finish()));
  }

  /** Closes every connection and admits no more. Resolves when they are closed. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...[...this.strangers].map((link) => link.finish()), this.drop()]);
  }

  private remove(link: FrameSocket): void {
    const wasStranger = this.strangers.delete(link);
    const links = link.peer === null ? [] : (this.peers.get(link.peer.nodeId) ?? []);
    if (!wasStranger && !links.includes(link)) {
      return;
    }
    this.stats.connectionsOpen -= 1;
    const left = links.filter((other) => other !== link);
    if (link.peer !== null && left.length > 0) {
      this.peers.set(link.peer.nodeId, left);
    } else if (link.peer !== null) {
      this.peers.delete(link.peer.nodeId);
    }
  }

  /** What strangers do is logged once a while for each kind, without a byte of what they sent. */
  private logEnd(link: FrameSocket, end: LinkEnd): void {
    const from = `connection from ${link.remote}`;
    if (end.kind === 'fault') {
      const name = link.peer === null ? '' : ` (node ${printable(link.peer.nodeId)})`;
      this.log.warn(end.fault, `${from}${name} was closed: ${end.fault}`);
    } else if (end.kind === 'refused' && end.by === 'us') {
      const name = end.from === null ? '' : ` (node ${printable(end.from)})`;
      // Members dial a node that joins or starts before it knows that it belongs to them.
      const level = end.reason === 'noCluster' ? 'log' : 'warn';
      this.log.write(level, end.reason, `${from}${name} was turned away: ${end.reason}`);
    }
  }
}

function isSameChannel(left: Hello | null, right: Hello): boolean {
  return left?.instanceId === right.instanceId && left.channel === right.channel;
}
