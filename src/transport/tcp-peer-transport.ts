import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { PeerTransport } from '../ports/peer-transport.port.js';
import type { ForeignGreeting, LocalIdentity } from '../ports/peer-transport.port.js';
import type { Configuration, Message, NodeId } from '../raft/index.js';
import { AcceptedLinks } from './accepted-links.js';
import { peerPattern } from './frame-socket.js';
import type { FrameSocket, OutboundFrame } from './frame-socket.js';
import type { ChannelKind } from './hello.js';
import { encodeMessage, isKnownTo } from './message-codec.js';
import type { DialContext } from './peer-channel.js';
import { PeerClient } from './peer-client.js';
import { PeerDirectory, sameTarget } from './peer-directory.js';
import { PeerServer } from './peer-server.js';
import { PeerStats } from './peer-stats.js';
import { QuietLog, printable } from './quiet-log.js';
import { TRANSPORT_OPTIONS } from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/**
 * Messages between nodes over Nest's TCP transport.
 *
 * Each node dials every other member and sends on the connections that it dialled. Where it has none that is up, it
 * sends on one that the receiver dialled: so a joiner, whose configuration is still empty, can answer its leader,
 * and so can anybody answer a node that was removed.
 */
@Injectable()
export class TcpPeerTransport extends PeerTransport implements OnApplicationShutdown {
  private readonly logger = new Logger('PeerTransport');
  private readonly quiet = new QuietLog(this.logger);
  private readonly directory = new PeerDirectory();
  private readonly clients = new Map<NodeId, PeerClient>();
  private messageHandler: ((message: Message) => void) | null = null;
  private foreignHandler: ((greeting: ForeignGreeting) => void) | null = null;
  private isClosed = false;

  constructor(
    @Inject(TRANSPORT_OPTIONS) private readonly options: TransportOptions,
    private readonly links: AcceptedLinks,
    private readonly server: PeerServer,
    private readonly stats: PeerStats,
  ) {
    super();
    links.observer = {
      greeted: (peer) => this.clients.get(peer.nodeId)?.wake(),
      foreignGreeting: (greeting) => {
        this.foreignGreeting(greeting);
      },
    };
  }

  /** Name of this node; null before {@link TcpPeerTransport.identify}. */
  get nodeId(): NodeId | null {
    return this.links.identity?.nodeId ?? null;
  }

  override identify(identity: LocalIdentity): void {
    const former = this.links.identity;
    this.links.identity = identity;
    if (former !== null && !sameIdentity(former, identity)) {
      // What was said under the former identity was meant for another node.
      void this.links.drop();
      void this.closeClients();
    }
    this.dialMembers();
  }

  override updatePeers(configuration: Configuration): void {
    this.directory.update(configuration);
    this.dialMembers();
  }

  override send(message: Message): void {
    const kind = channelOf(message);
    const client = this.clients.get(message.to);
    const link = client?.isUp(kind) === true ? null : this.wayBack(message.to, kind, client);
    if (link !== null) {
      this.sendBack(link, message);
    } else if (client !== undefined) {
      client.send(kind, message);
    } else {
      this.noRoute(message);
    }
  }

  override onMessage(handler: (message: Message) => void): void {
    this.messageHandler = handler;
  }

  override onForeignGreeting(handler: (greeting: ForeignGreeting) => void): void {
    this.foreignHandler = handler;
  }

  /** Takes a message that arrived and was checked. */
  deliver(message: Message): void {
    if (this.isClosed || this.messageHandler === null) {
      return;
    }
    try {
      this.messageHandler(message);
    } catch (error) {
      // Nest would log an error of a handler and go on. One that gets here is a broken invariant: nobody may go on.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.closeClients(), this.links.close()]);
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  /** Makes the clients agree with identity and configuration. */
  private dialMembers(): void {
    const own = this.links.identity;
    const clusterId = own?.clusterId ?? null;
    if (this.isClosed || own === null || clusterId === null) {
      return;
    }
    const targets = this.directory.targets(own.nodeId);
    for (const [nodeId, client] of this.clients) {
      const target = targets.get(nodeId);
      if (target === undefined || !sameTarget(target, client.target)) {
        this.clients.delete(nodeId);
        void client.close();
      }
    }
    const context: DialContext = {
      own: { ...own, clusterId },
      options: this.options,
      stats: this.stats,
      receive: (link, packet) => {
        this.server.receive(link, packet);
      },
    };
    for (const [nodeId, target] of targets) {
      if (!this.clients.has(nodeId)) {
        this.clients.set(nodeId, new PeerClient(context, target, { logger: this.logger, quiet: this.quiet }));
      }
    }
  }

  private closeClients(): Promise<void>[] {
    const clients = [...this.clients.values()];
    this.clients.clear();
    return clients.map((client) => client.close());
  }

  /**
   * The connection from `nodeId` to use while there is none to it. One of the other kind only where dialling is no
   * hope: a snapshot would stand before the heartbeats.
   */
  private wayBack(nodeId: NodeId, kind: ChannelKind, client: PeerClient | undefined): FrameSocket | null {
    const isHopeless = client?.isFailing(kind) ?? true;
    return this.links.find(nodeId, kind) ?? (isHopeless ? this.links.find(nodeId, null) : null);
  }

  private sendBack(link: FrameSocket, message: Message): void {
    if (link.peer === null || !isKnownTo(link.peer.versions, message.type)) {
      this.stats.countDropped('olderPeer');
      return;
    }
    const payload = encodeMessage(message);
    if (payload.length > this.options.frameBytesMax) {
      this.stats.countDropped('tooLong');
      return;
    }
    const data: OutboundFrame = { payload };
    link.sendMessage({ pattern: peerPattern, data });
  }

  private noRoute({ type, to }: Message): void {
    this.stats.countDropped(this.isClosed ? 'closed' : 'noRoute');
    if (!this.isClosed) {
      // As to a member of which the core knows a little earlier than this transport.
      this.quiet.write(
        'debug',
        'noRoute',
        `no address of node ${printable(to)} and no connection from it: ${type} dropped`,
      );
    }
  }

  private foreignGreeting(greeting: ForeignGreeting): void {
    if (this.isClosed) {
      return;
    }
    const { clusterId, fromNodeId } = greeting;
    // A node that joins is greeted as a member before it knows that it was let in.
    this.quiet.write(
      this.links.identity?.clusterId === null ? 'log' : 'warn',
      'foreignGreeting',
      `node ${printable(fromNodeId)} of cluster ${printable(clusterId)} takes this node for a member of its cluster`,
    );
    this.foreignHandler?.(greeting);
  }
}

function channelOf({ type }: Message): ChannelKind {
  return type === 'installSnapshot' || type === 'installSnapshotResponse' ? 'bulk' : 'raft';
}

function sameIdentity(left: LocalIdentity, right: LocalIdentity): boolean {
  return left.nodeId === right.nodeId && left.instanceId === right.instanceId && left.clusterId === right.clusterId;
}
