import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitCodes } from '../../src/exit-codes.js';
import { at } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';
import { viewOf } from '../cluster/node-cluster.js';
import type { ClusterView } from '../cluster/node-cluster.js';
import { NodeProcess } from '../cluster/node-process.js';
import type { NodePlan } from '../cluster/node-process.js';
import { freePorts } from '../cluster/ports.js';

const NODES = 3;
/** The last node starts at most this much later than the first, in milliseconds. */
const SPREAD_MS = 3000;
/** One of them is killed at most this long after its start; by then they have often founded. */
const FAULT_WITHIN_MS = 8000;
const BACK_WITHIN_MS = 1500;
const READY_WITHIN_MS = 60_000;
const LOOK_MS = 100;

export type TrialFault = 'none' | 'killed' | 'wiped';

export interface TrialEnd {
  readonly fault: TrialFault;
  /** Whether the wiped node was refused until an operator made room for it. */
  readonly wasReplaced: boolean;
  /** What was drawn, in words. */
  readonly story: string;
  /** Milliseconds from the first start until all of them vote. */
  readonly readyMs: number;
}

/** One founding by nodes that start apart, one of which may be killed. */
export class BootstrapTrial {
  private readonly folder = mkdtempSync(join(tmpdir(), 'raftdb-bootstrap-trial-'));
  private readonly nodes: (NodeProcess | null)[] = Array.from({ length: NODES }, () => null);
  private plans: readonly NodePlan[] = [];
  /** Clusters that ever had a leader. */
  private readonly clusters = new Set<string>();
  private wasReplaced = false;
  private isOver = false;

  constructor(private readonly random: Random) {}

  /** @throws Error when there were two clusters, or not one in which all of them vote. The folder stays then. */
  async run(): Promise<TrialEnd> {
    const { random } = this;
    this.plans = await this.makePlans();
    const delaysMs = this.plans.map(() => random.between({ from: 0, until: SPREAD_MS }));
    const fault = random.chance(0.5) ? 'wiped' : random.chance(0.5) ? 'killed' : 'none';
    const victim = random.between({ from: 0, until: NODES });
    const atMs = random.between({ from: 0, until: FAULT_WITHIN_MS });
    const backMs = random.between({ from: 0, until: BACK_WITHIN_MS });
    const hit =
      fault === 'none' ? 'no fault' : `node0${victim + 1} ${fault} ${atMs} ms after its start, back after ${backMs} ms`;
    const story = `starts at ${delaysMs.join(' ')} ms, ${hit}`;
    const sinceMs = performance.now();
    try {
      const starts = delaysMs.map(async (delayMs, place) => {
        await pause(delayMs);
        this.start(place);
        if (fault !== 'none' && place === victim) {
          await this.hit(victim, { fault, atMs, backMs });
        }
      });
      await Promise.all([this.watch(), Promise.all(starts).then(() => this.waitUntilReady())]);
      const readyMs = performance.now() - sinceMs;
      await this.requireOneCluster();
      await this.end();
      rmSync(this.folder, { recursive: true, force: true });
      return { fault, wasReplaced: this.wasReplaced, story, readyMs };
    } catch (error) {
      await this.end();
      throw new Error(`${story}: ${error instanceof Error ? error.message : ''}; see ${this.folder}`, { cause: error });
    }
  }

  private async makePlans(): Promise<NodePlan[]> {
    const ports = await freePorts(2 * NODES);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    return Array.from({ length: NODES }, (_, place) => ({
      id: `node0${place + 1}`,
      httpAddr: at(addresses, place),
      raftAddr: at(addresses, NODES + place),
      joinAddr: addresses.slice(0, NODES).join(','),
      dataDir: join(this.folder, `node0${place + 1}`),
      logFile: join(this.folder, `node0${place + 1}.log`),
      flags: ['-bootstrap-expect', String(NODES)],
    }));
  }

  private start(place: number): void {
    const plan = at(this.plans, place);
    mkdirSync(plan.dataDir, { recursive: true });
    const node = NodeProcess.start(plan);
    this.nodes[place] = node;
    void node.ended.then(async (end) => {
      if (this.nodes[place] === node && !this.isOver && end === `exit code ${exitCodes.refused}`) {
        this.nodes[place] = null;
        await this.makeRoom(plan);
        this.start(place);
      }
    });
  }

  /** What an operator does for a node that came back with an empty disk and was refused; it then starts as before. */
  private async makeRoom({ id, httpAddr, raftAddr }: NodePlan): Promise<void> {
    this.wasReplaced = true;
    const body = JSON.stringify({ id, httpAddr, raftAddr, replace: true });
    for (const other of this.plans.filter((plan) => plan.id !== id)) {
      try {
        const answer = await fetch(`http://${other.httpAddr}/join`, { method: 'POST', body });
        if (answer.status === 200) {
          return;
        }
      } catch {
        // The next one, or the next time.
      }
    }
    await pause(BACK_WITHIN_MS);
  }

  private async hit(
    victim: number,
    { fault, atMs, backMs }: { readonly fault: TrialFault; readonly atMs: number; readonly backMs: number },
  ): Promise<void> {
    await pause(atMs);
    const node = at(this.nodes, victim);
    this.nodes[victim] = null;
    if (node === null) {
      return;
    }
    node.kill();
    await node.ended;
    if (fault === 'wiped') {
      rmSync(node.plan.dataDir, { recursive: true, force: true });
    }
    await pause(backMs);
    this.start(victim);
  }

  /** Notes every cluster that has a leader, as long as the trial goes on. */
  private async watch(): Promise<void> {
    while (!this.isOver) {
      await this.views();
      await pause(LOOK_MS);
    }
  }

  private async waitUntilReady(): Promise<void> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    try {
      for (;;) {
        const views = await this.views();
        if (
          views.every((view) => view?.members.filter(({ voter }) => voter).length === NODES && view.leaderId !== null)
        ) {
          return;
        }
        const ended = this.nodes.find((node) => node?.isRunning === false) ?? null;
        if (ended !== null) {
          throw new Error(`${ended.plan.id} ended (${await ended.ended})`);
        }
        if (performance.now() > untilMs) {
          throw new Error('not all of them vote in time');
        }
        await pause(LOOK_MS);
      }
    } finally {
      this.isOver = true;
    }
  }

  private async requireOneCluster(): Promise<void> {
    const views = await this.views();
    const now = new Set(views.map((view) => view?.clusterId));
    if (now.size !== 1 || this.clusters.size !== 1) {
      throw new Error(`clusters that had a leader: ${[...this.clusters].join(', ')}; now: ${[...now].join(', ')}`);
    }
    for (const { httpAddr, id } of this.plans) {
      const answer = await fetch(`http://${httpAddr}/key/${id}`, { method: 'PUT', body: '1' });
      if (answer.status !== 200) {
        throw new Error(`${id} answers a write with ${answer.status}`);
      }
    }
  }

  /** What each node that answers says of its cluster, which is noted where it has a leader. */
  private async views(): Promise<(ClusterView | null)[]> {
    const views = await Promise.all(this.plans.map((plan) => viewOf({ plan })));
    for (const view of views) {
      const clusterId = view?.clusterId ?? null;
      if (clusterId !== null && view?.leaderId !== null) {
        this.clusters.add(clusterId);
      }
    }
    return views;
  }

  private async end(): Promise<void> {
    this.isOver = true;
    for (const node of this.nodes) {
      node?.kill();
      await node?.ended;
    }
  }
}
