import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/lib/random.js';
import { pick, pickWeighted, shuffled, spread } from '../simulation/draw.js';
import type { ChaosCluster } from './cluster/chaos-cluster.js';
import type { ChaosNode } from './cluster/chaos-node.js';
import { drawFailpoint } from './draw-failpoint.js';
import type { FaultKind, ProcessFaultKind } from './fault-kinds.js';
import { removingNode, replacingNode } from './membership-faults.js';

/** Something that goes wrong for a while. */
export interface Fault {
  readonly kind: FaultKind;
  /** One line for the log of the run. */
  readonly text: string;
  /** How long it lasts, in milliseconds. */
  readonly holdMs: number;
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface FaultDraw {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  /** The leader at present, where one is known. */
  readonly leader: ChaosNode | null;
  /** Longest duration in milliseconds. */
  readonly holdMsMax: number;
}

/** Nodes that a cluster grows to at most. */
const nodesMax = 5;

/** A process that failed may take this long to be gone, in milliseconds. */
const dyingMs = 500;

const makers: Readonly<Record<ProcessFaultKind, (kind: ProcessFaultKind, draw: FaultDraw) => Fault | null>> = {
  'kill-leader': killing,
  'kill-follower': killing,
  'kill-minority': killing,
  'kill-all': killing,
  'pause-leader': pausing,
  'pause-one': pausing,
  'pause-several': pausing,
  'storage-error': (_kind, draw) => failingStorage('storage-error', draw),
  'storage-kill': (_kind, draw) => failingStorage('storage-kill', draw),
  'slow-disk': (_kind, draw) => failingStorage('slow-disk', draw),
  'no-space': withoutSpace,
  'fill-disk': fillingDisk,
  'add-node': addingNode,
  'remove-node': removingNode,
  'replace-node': replacingNode,
  'server-stop': stoppingServer,
  'server-crash': stoppingServer,
  'server-sessions': endingSessions,
};

/** Draws what happens to processes and disks; null where the kind cannot happen at present. */
export function drawProcessFault(kind: ProcessFaultKind, draw: FaultDraw): Fault | null {
  return makers[kind](kind, draw);
}

function victims(kind: ProcessFaultKind, { cluster, random, leader }: FaultDraw): ChaosNode[] {
  const running = cluster.nodes.filter((node) => node.isRunning);
  const followers = running.filter((node) => node !== leader);
  const minority = Math.floor((cluster.nodes.length - 1) / 2);
  switch (kind) {
    case 'kill-leader':
    case 'pause-leader':
      return leader?.isRunning === true ? [leader] : [];
    case 'kill-follower':
      return followers.length === 0 ? [] : [pick(random, followers)];
    case 'kill-minority':
      return shuffled(random, running).slice(0, minority);
    case 'kill-all':
      return running;
    case 'pause-several':
      return shuffled(random, running).slice(0, random.between({ from: 2, until: running.length + 1 }));
    default:
      return running.length === 0 ? [] : [pick(random, running)];
  }
}

function namesOf(nodes: readonly ChaosNode[]): string {
  return nodes.map(({ id }) => id).join(', ');
}

function killing(kind: ProcessFaultKind, draw: FaultDraw): Fault | null {
  const nodes = victims(kind, draw);
  if (nodes.length === 0) {
    return null;
  }
  const holdMs = draw.random.chance(0.2) ? 0 : spread(draw.random, { from: 100, to: draw.holdMsMax });
  return {
    kind,
    text: `kill -9 of ${namesOf(nodes)}`,
    holdMs,
    begin: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
    end: () => restart(draw.cluster, nodes),
  };
}

function pausing(kind: ProcessFaultKind, draw: FaultDraw): Fault | null {
  const nodes = victims(kind, draw);
  if (nodes.length === 0) {
    return null;
  }
  return {
    kind,
    text: `stop of ${namesOf(nodes)}, then on`,
    holdMs: spread(draw.random, { from: 100, to: draw.holdMsMax }),
    begin: () => {
      nodes.forEach((node) => {
        node.pause();
      });
      return Promise.resolve();
    },
    end: () => {
      nodes.forEach((node) => {
        node.resume();
      });
      return Promise.resolve();
    },
  };
}

function failingStorage(kind: 'storage-error' | 'storage-kill' | 'slow-disk', draw: FaultDraw): Fault {
  const { random, cluster, leader } = draw;
  const node = random.chance(0.5) && leader !== null ? leader : pick(random, cluster.nodes);
  const failpoint = drawFailpoint(kind, random);
  const { place, when, skip, action } = failpoint;
  const isDeadly = kind !== 'slow-disk';
  return {
    kind,
    text: `${node.id}: ${action.kind} ${when} ${place}, after ${skip}`,
    holdMs: spread(random, { from: 500, to: draw.holdMsMax }),
    begin: async () => {
      node.expectEnd(isDeadly);
      await node.failpoints.arm(failpoint);
    },
    end: () => endStorageFault(node, cluster),
  };
}

function withoutSpace(kind: ProcessFaultKind, draw: FaultDraw): Fault {
  const { random, cluster, leader } = draw;
  const first = leader ?? pick(random, cluster.nodes);
  const others = shuffled(random, cluster.nodes).filter((node) => node !== first);
  const nodes = [first, ...others.slice(0, random.between({ from: 0, until: others.length + 1 }))];
  const pretend = async (isFull: boolean): Promise<void> => {
    await Promise.all(nodes.map((node) => node.failpoints.pretendFull(isFull)));
  };
  return {
    kind,
    text: `no free space on ${namesOf(nodes)}`,
    // Nodes look once a second.
    holdMs: 1500 + spread(random, { from: 100, to: draw.holdMsMax }),
    begin: () => pretend(true),
    end: () => pretend(false),
  };
}

function fillingDisk(kind: ProcessFaultKind, draw: FaultDraw): Fault | null {
  const { random, cluster, leader } = draw;
  if (cluster.disks.count === 0) {
    return null;
  }
  const node = random.chance(0.5) && leader !== null ? leader : pick(random, cluster.nodes);
  const disk = join(cluster.plan.folder, `${node.id}.disk`);
  return {
    kind,
    text: `the disk of ${node.id} is filled`,
    holdMs: spread(random, { from: 500, to: draw.holdMsMax }),
    begin: async () => {
      node.expectEnd(true);
      await cluster.disks.fill(disk);
    },
    end: async () => {
      await cluster.disks.free(disk);
      await endStorageFault(node, cluster);
    },
  };
}

function addingNode(kind: ProcessFaultKind, { cluster, random, holdMsMax }: FaultDraw): Fault | null {
  if (cluster.nodes.length >= nodesMax) {
    return null;
  }
  return {
    kind,
    text: `a node joins, number ${cluster.nodes.length + 1}`,
    holdMs: spread(random, { from: 100, to: holdMsMax }),
    begin: async () => {
      const node = await cluster.prepareNode();
      node.start(...cluster.joinFlags(node));
    },
    end: () => Promise.resolve(),
  };
}

function stoppingServer(kind: ProcessFaultKind, { cluster, random, holdMsMax }: FaultDraw): Fault | null {
  const { server } = cluster.plan;
  if (server === null) {
    return null;
  }
  return {
    kind,
    text: kind === 'server-crash' ? 'the Postgres server crashes' : 'the Postgres server is stopped',
    holdMs: spread(random, { from: 100, to: holdMsMax }),
    begin: () => (kind === 'server-crash' ? server.crash() : server.pause()),
    end: () => server.resume(),
  };
}

function endingSessions(kind: ProcessFaultKind, { cluster, random, leader }: FaultDraw): Fault | null {
  const { server } = cluster.plan;
  if (server === null) {
    return null;
  }
  const node = random.chance(0.5) && leader !== null ? leader : pick(random, cluster.nodes);
  return {
    kind,
    text: `the sessions of ${node.id} at the Postgres server are ended`,
    holdMs: 0,
    begin: () => server.endSessions(`raftdb_${node.id}`),
    end: () => Promise.resolve(),
  };
}

async function endStorageFault(node: ChaosNode, cluster: ChaosCluster): Promise<void> {
  await node.failpoints.disarm();
  await sleep(dyingMs);
  await restart(cluster, [node]);
  node.expectEnd(false);
}

async function restart(cluster: ChaosCluster, nodes: readonly ChaosNode[]): Promise<void> {
  for (const node of nodes.filter(({ isRunning }) => !isRunning)) {
    node.start(...cluster.joinFlags(node));
  }
  return Promise.resolve();
}

/** One of the kinds that are wanted, by its weight; null where none is. */
export function drawKind<Kind extends FaultKind>(
  random: Random,
  weights: Readonly<Record<Kind, number>>,
  wanted: readonly FaultKind[],
): Kind | null {
  const kinds = (Object.entries(weights) as [Kind, number][])
    .filter(([kind]) => wanted.includes(kind))
    .map(([kind, weight]) => [weight, kind] as const);
  return kinds.length === 0 ? null : pickWeighted(random, kinds);
}
