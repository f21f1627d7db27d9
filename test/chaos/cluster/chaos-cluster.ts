import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../../../src/lib/assert.js';
import type { Random } from '../../../src/lib/random.js';
import type { PostgresServer } from '../../../scripts/cluster/postgres-server.js';
import type { Network } from '../network/network.js';
import { jsonOf, send } from '../workload/http-request.js';
import { ChaosNode } from './chaos-node.js';
import type { WatchEnd } from './chaos-node.js';
import { restartablePorts } from './ports.js';
import { SmallDisks } from '../../support/small-disks.js';

/** The part of `GET /cluster` that is looked at. */
export interface ClusterView {
  readonly nodeId: string;
  readonly leaderId: string | null;
  readonly term: number;
  readonly appliedIndex: number;
  readonly checksum: string;
  readonly members: readonly { readonly id: string; readonly voter: boolean }[];
}

export interface ClusterPlan {
  /** Holds the data and the logs of the nodes. */
  readonly folder: string;
  readonly program: string;
  readonly nodeCount: number;
  /** Names of the clients, who have a link of their own to each node. */
  readonly clients: readonly string[];
  readonly flags: readonly string[];
  /** Whether the data go to disks that can be filled, where the machine allows that. */
  readonly smallDisks: boolean;
  /** Holds the data of all nodes, a schema each; null: they are in files. */
  readonly server: PostgresServer | null;
  readonly network: Network;
  readonly random: Random;
  /** Called when a process ends. */
  readonly onEnd: WatchEnd;
}

/** A start may fall into the longest absence of the server. */
function postgresVariables(server: PostgresServer): Record<string, string> {
  return { RAFTDB_STORAGE: 'postgres', RAFTDB_POSTGRES_URL: server.url, RAFTDB_POSTGRES_TIMEOUT_MS: '60000' };
}

/** Longest wait for a cluster to form or to recover, in milliseconds: far above what a loaded machine needs. */
const patienceMs = 180_000;

/** How long a view may take: a paused node gives none. */
const viewWithinMs = 1000;

const pollMs = 50;

/** The nodes of a fault run. Clients and peers reach them through the network; the run itself looks past it. */
export class ChaosCluster {
  readonly nodes: ChaosNode[] = [];
  readonly disks = new SmallDisks();
  private isGivenUp = false;
  private readonly wiped = new Set<ChaosNode>();
  private readonly clientPorts = new Map<string, number>();

  constructor(readonly plan: ClusterPlan) {}

  /** Starts all nodes and waits until each is a voter that knows a leader. */
  async start(): Promise<void> {
    for (let count = 0; count < this.plan.nodeCount; count += 1) {
      const node = await this.prepareNode();
      node.start(...this.joinFlags(node));
      await this.ready(node);
    }
  }

  /** Makes the ports, proxies and folders of one more node, without starting it. */
  async prepareNode(): Promise<ChaosNode> {
    const { folder, network, random, clients, program, flags, server, onEnd } = this.plan;
    const id = `node${String(this.nodes.length + 1).padStart(2, '0')}`;
    const ports = await restartablePorts(2, random);
    const [httpPort, raftPort] = [at(ports, 0), at(ports, 1)];
    const disk = join(folder, `${id}.disk`);
    const isSmall = this.plan.smallDisks && (await this.disks.mount(disk));
    await mkdir(disk, { recursive: true });
    const node = new ChaosNode(
      {
        id,
        program,
        httpPort,
        raftPort,
        advertisedRaftPort: await network.peerPort(id, raftPort),
        dataDir: join(disk, 'data'),
        logFile: join(folder, `${id}.log`),
        failpointPrefix: join(folder, id),
        env: server === null ? {} : postgresVariables(server),
        flags: isSmall ? [...flags, '-storage-reserve-bytes', String(8 * 1024 * 1024)] : flags,
      },
      onEnd,
    );
    for (const client of clients) {
      this.clientPorts.set(`${client}>${id}`, await network.clientPort(client, id, httpPort));
    }
    this.nodes.push(node);
    return node;
  }

  /** The flags that let a node join: at first through those before it, later through all others. */
  joinFlags(node: ChaosNode): string[] {
    const before = this.nodes.slice(0, this.nodes.indexOf(node));
    const others = node.incarnation === 0 ? before : this.nodes.filter((other) => other !== node);
    const targets = others.map((other) => `127.0.0.1:${other.plan.httpPort}`);
    const replace = this.wiped.has(node) ? ['-replace'] : [];
    return targets.length === 0 ? [] : ['-join', targets.join(','), ...replace];
  }

  /** Takes the disk of a node that does not run. From now on it starts as its own replacement. */
  async wipe(node: ChaosNode): Promise<void> {
    const { server } = this.plan;
    this.wiped.add(node);
    if (server === null) {
      // One that ended while its program was being loaded has not made its folder yet.
      await rm(node.plan.dataDir, { recursive: true, force: true });
      return;
    }
    await server.endSessions(`raftdb_${node.id}`);
    await server.dropSchema(`raftdb_${node.id}`);
  }

  /** Whether a leader that is not `except` has every node for a voter. */
  async isWhole(except: ChaosNode | null = null): Promise<boolean> {
    const leader = await this.leader();
    const view = leader === null || leader === except ? null : await this.view(leader);
    const voters = view?.members.filter(({ voter }) => voter).map(({ id }) => id) ?? [];
    return voters.length === this.nodes.length && this.nodes.every(({ id }) => voters.includes(id));
  }

  node(id: string): ChaosNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) {
      throw new Error(`no node ${id}`);
    }
    return found;
  }

  /** Where `client` reaches a node. */
  clientPort(client: string, node: ChaosNode): number {
    return this.clientPorts.get(`${client}>${node.id}`) ?? 0;
  }

  /** What a node says of the cluster; null where it says nothing. */
  async view(node: ChaosNode): Promise<ClusterView | null> {
    const { httpPort: port } = node.plan;
    try {
      const answer = await send(false, { port, method: 'GET', path: '/cluster', timeoutMs: viewWithinMs });
      return answer.status === 200 ? (jsonOf(answer) as ClusterView) : null;
    } catch {
      return null;
    }
  }

  /** The leader of the highest term that any node knows; null where none knows one. */
  async leader(): Promise<ChaosNode | null> {
    const awake = this.nodes.filter((node) => node.isRunning && !node.isPaused);
    const views = (await Promise.all(awake.map((node) => this.view(node)))).filter((view) => view !== null);
    const known = views.filter(({ leaderId }) => leaderId !== null).sort((left, right) => right.term - left.term);
    const leaderId = known[0]?.leaderId ?? null;
    return this.nodes.find((node) => node.id === leaderId) ?? null;
  }

  /** Waits until there is a leader. @throws Error when there is none for a long time. */
  async someLeader(): Promise<ChaosNode> {
    const leaders: ChaosNode[] = [];
    await this.until(async () => {
      const leader = await this.leader();
      leaders.push(...(leader === null ? [] : [leader]));
      return leader !== null;
    }, 'there is no leader');
    return at(leaders, 0);
  }

  /** Waits until the node says it is ready. @throws Error when it does not for a long time. */
  async ready(node: ChaosNode): Promise<void> {
    const { httpPort: port } = node.plan;
    await this.until(async () => {
      const answer = await send(false, { port, method: 'GET', path: '/readyz', timeoutMs: viewWithinMs });
      return answer.status === 200;
    }, `${node.id} is not ready`);
  }

  /** Ends every fault: links pass, storage works, processes run, and all of them are ready. */
  async heal(): Promise<void> {
    this.plan.network.heal();
    for (const node of this.nodes) {
      await node.failpoints.disarm();
      await this.disks.free(join(this.plan.folder, `${node.id}.disk`));
      if (node.isPaused) {
        node.resume();
      }
      if (!node.isRunning) {
        node.start(...this.joinFlags(node));
      }
    }
    await Promise.all(this.nodes.map((node) => this.ready(node)));
  }

  /** Waits until all nodes have applied the same entries. @throws Error when they do not for a long time. */
  async settle(): Promise<ClusterView[]> {
    let views: ClusterView[] = [];
    await this.until(async () => {
      const seen = await Promise.all(this.nodes.map((node) => this.view(node)));
      views = seen.filter((view) => view !== null);
      return views.length === this.nodes.length && new Set(views.map(({ appliedIndex }) => appliedIndex)).size === 1;
    }, 'the nodes have not applied the same entries');
    return views;
  }

  /** Ends every process in the turn of the call; nothing is waited for any more. */
  killNow(): void {
    this.isGivenUp = true;
    for (const node of this.nodes) {
      node.killNow();
    }
  }

  /** Ends every process and lets go of the disks; the folder stays. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.disks.unmount();
  }

  /** Waits until the condition holds; an error counts as not yet. @throws Error when it does not for a long time. */
  async until(condition: () => Promise<boolean>, complaint: string): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!(await condition().catch(() => false))) {
      if (this.isGivenUp) {
        throw new Error('the run is interrupted');
      }
      if (performance.now() > deadlineMs) {
        throw new Error(`${complaint} after ${patienceMs / 1000} s; the logs are in ${this.plan.folder}`);
      }
      await sleep(pollMs);
    }
  }
}
