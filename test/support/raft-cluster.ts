import { assert } from '../../src/lib/assert.js';
import { Random } from '../../src/lib/random.js';
import { formatMessage } from '../../src/raft/index.js';
import type { Configuration, CoreConfig, DurableState, Message, MessageType, NodeId } from '../../src/raft/index.js';
import { durableState, electionTicks, members, nothingStored } from './raft-builders.js';
import { RaftDisk } from './raft-disk.js';
import { TestNode } from './raft-node.js';
import { RaftSafety } from './raft-safety.js';

export interface RaftClusterOptions {
  readonly config?: Partial<CoreConfig>;
  readonly configuration?: Configuration;
  /** What single nodes find at their start, where it is not just the configuration. */
  readonly durable?: Readonly<Record<NodeId, DurableState>>;
  readonly isManual?: boolean;
  /** Election timeouts are drawn from this seed; otherwise each is the longest. */
  readonly seed?: number;
}

/** Which messages: all that agree with every field given. */
export interface MessageFilter {
  readonly from?: NodeId | undefined;
  readonly to?: NodeId | undefined;
  readonly type?: MessageType | undefined;
  /** Of those the one with this number, counting from 1. */
  readonly nth?: number | undefined;
}

/** Several cores and the network between them, which moves nothing by itself. Safety is watched all the time. */
export class RaftCluster {
  readonly nodes = new Map<NodeId, TestNode>();
  readonly safety = new RaftSafety();
  /** Messages under way, oldest first. */
  network: Message[] = [];
  private readonly cutNodes = new Set<NodeId>();
  private readonly cutLinks = new Set<string>();
  private readonly random: Random | null;
  private readonly disks = new Map<NodeId, RaftDisk>();

  constructor(
    readonly ids: readonly NodeId[],
    private readonly options: RaftClusterOptions = {},
  ) {
    this.random = options.seed === undefined ? null : new Random(options.seed);
    const configuration = options.configuration ?? members(ids.join(' '));
    for (const id of ids) {
      this.disks.set(id, new RaftDisk(options.durable?.[id] ?? durableState({ configuration })));
      this.start(id);
    }
  }

  node(id: NodeId): TestNode {
    const node = this.nodes.get(id);
    assert(node !== undefined, `${id} runs`);
    return node;
  }

  get leaders(): NodeId[] {
    return [...this.nodes.values()].filter((node) => node.state.isLeader).map((node) => node.id);
  }

  /** A node without history, which a leader may add. */
  addEmpty(id: NodeId): TestNode {
    this.disks.set(id, new RaftDisk(nothingStored));
    return this.start(id);
  }

  /** The node is gone, and with it every write that was not durable. What is sent to it from now on is lost. */
  crash(id: NodeId): void {
    this.collect();
    this.nodes.delete(id);
    this.network = this.network.filter((message) => this.isConnected(message));
  }

  restart(id: NodeId): TestNode {
    this.disk(id).bootNumber += 1;
    return this.start(id);
  }

  /** Nothing reaches or leaves these nodes; what they send is lost. */
  cut(...ids: readonly NodeId[]): void {
    this.collect();
    ids.forEach((id) => this.cutNodes.add(id));
    this.network = this.network.filter((message) => this.isConnected(message));
  }

  /** Nothing travels on these links any more: `a>b` is one direction. */
  cutLink(...links: readonly string[]): void {
    this.collect();
    links.forEach((link) => this.cutLinks.add(link));
    this.network = this.network.filter((message) => this.isConnected(message));
  }

  heal(): void {
    this.collect();
    this.cutNodes.clear();
    this.cutLinks.clear();
  }

  /** Moves what the nodes sent to the network. */
  collect(): void {
    for (const node of this.nodes.values()) {
      this.network.push(...node.takeMessages().filter((message) => this.isConnected(message)));
    }
  }

  /** Delivers what is under way now and agrees with the filter, not what it calls forth. @returns What was delivered. */
  deliver(filter: MessageFilter = {}): Message[] {
    const delivered = this.take(filter);
    for (const message of delivered) {
      this.nodes.get(message.to)?.step(message);
    }
    return delivered;
  }

  /** Loses what is under way now and agrees with the filter. @returns What was lost. */
  drop(filter: MessageFilter = {}): Message[] {
    return this.take(filter);
  }

  /** Takes messages off the network: the test delivers them later, twice or never. */
  take(filter: MessageFilter = {}): Message[] {
    this.collect();
    const meant = this.network.filter(
      (message) =>
        (filter.from ?? message.from) === message.from &&
        (filter.to ?? message.to) === message.to &&
        (filter.type ?? message.type) === message.type,
    );
    const taken = filter.nth === undefined ? meant : meant.slice(filter.nth - 1, filter.nth);
    this.network = this.network.filter((message) => !taken.includes(message));
    return taken;
  }

  /** Does and delivers everything until nothing is left to do. */
  stabilize(ids: readonly NodeId[] = [...this.nodes.keys()]): void {
    for (let round = 0; round < 1000; round += 1) {
      ids.forEach((id) => this.nodes.get(id)?.settle());
      const moved = ids.flatMap((to) => ids.flatMap((from) => this.deliver({ from, to })));
      if (moved.length === 0) {
        return;
      }
    }
    assert(false, `the cluster comes to rest: ${this.network.map(formatMessage).join('\n')}`);
  }

  /** Time passes on all nodes, tick by tick, with every message delivered in between. */
  run(ticks: number): void {
    for (let tick = 0; tick < ticks; tick += 1) {
      this.nodes.forEach((node) => node.tick());
      this.stabilize();
    }
  }

  /** Makes `id` the leader: the others forget theirs, then it alone times out. */
  elect(id: NodeId): TestNode {
    const candidate = this.node(id);
    this.nodes.forEach((node) => {
      const silence = node.state.now - node.state.electionTimerTick;
      if (node !== candidate && !node.state.isLeader && silence < electionTicks) {
        node.tick(electionTicks - silence);
      }
    });
    candidate.timeout();
    this.stabilize();
    assert(candidate.state.isLeader, `${id} was elected`);
    return candidate;
  }

  private start(id: NodeId): TestNode {
    const { config, isManual = false } = this.options;
    const node = new TestNode(id, {
      disk: this.disk(id),
      isManual,
      onReady: this.safety.watch,
      ...(config === undefined ? {} : { config }),
      ...(this.random === null ? {} : { random: this.random.fork() }),
    });
    this.nodes.set(id, node);
    return node;
  }

  private disk(id: NodeId): RaftDisk {
    const disk = this.disks.get(id);
    assert(disk !== undefined, `${id} has a disk`);
    return disk;
  }

  private isConnected({ from, to }: Message): boolean {
    const isCut = this.cutNodes.has(from) || this.cutNodes.has(to) || this.cutLinks.has(`${from}>${to}`);
    return this.nodes.has(to) && !isCut;
  }
}
