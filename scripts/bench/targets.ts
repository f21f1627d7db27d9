import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeCluster, viewOf } from '../cluster/node-cluster.js';
import type { NodePlan, NodeProcess } from '../cluster/node-process.js';
import { freePorts } from '../cluster/ports.js';
import { scratchFolder } from './scratch-folder.js';

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

/** A server of one process that answers PUT and GET of /key/... */
interface BareServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly pids: readonly number[];
  /** Ends the process. */
  stop(): Promise<void>;
}

interface ClusterShape {
  readonly flags?: readonly string[];
  readonly nodeCount?: number;
  readonly program?: string;
}

/** Nodes on free ports of this machine with empty data. */
export class BenchCluster {
  private constructor(
    private readonly cluster: NodeCluster,
    private readonly folder: string,
  ) {}

  /**
   * @param options - `flags`: further ones of each node; `nodeCount`: three unless it says otherwise; `program`: that of
   *   another build.
   * @throws Error with the last lines of the logs when the cluster does not come up.
   */
  static async start({ flags = [], nodeCount = 3, program }: ClusterShape = {}): Promise<BenchCluster> {
    const folder = scratchFolder();
    const cluster = new NodeCluster((await plans(folder, nodeCount, flags)).map((plan) => ({ ...plan, program })));
    try {
      await cluster.ready(READY_TIMEOUT_MS);
      await leaderOf(cluster);
      return new BenchCluster(cluster, folder);
    } catch (error) {
      const logs = cluster.nodes.map((node) => [`${node.plan.id}:`, ...node.lastLogLines(10)].join('\n  '));
      await cluster.stop(STOP_GRACE_MS);
      throw new Error(['the cluster did not come up', ...logs].join('\n'), { cause: error });
    }
  }

  get pids(): number[] {
    return this.cluster.nodes.map((node) => node.pid).filter((pid) => pid !== undefined);
  }

  get nodes(): readonly NodeProcess[] {
    return this.cluster.nodes;
  }

  /** Of every node, without a slash at the end. */
  get urls(): string[] {
    return this.nodes.map(urlOf);
  }

  /** @throws Error when no node knows a leader. */
  leader(): Promise<NodeProcess> {
    return leaderOf(this.cluster);
  }

  /** The highest term that a node knows. @throws Error when none answers. */
  async term(): Promise<number> {
    const views = await Promise.all(this.nodes.map(viewOf));
    const terms = views.filter((view) => view !== null).map(({ term }) => term);
    if (terms.length === 0) {
      throw new Error('no node says its term');
    }
    return Math.max(...terms);
  }

  /** Starts a node that has ended on its data, with what has changed meanwhile, and resolves when it is ready. */
  restart(id: string, changes: Partial<NodePlan> = {}): Promise<void> {
    return this.cluster.restart(id, READY_TIMEOUT_MS, changes);
  }

  /** Checksums of the states once all nodes have applied the same entries. */
  settledChecksums(): Promise<string[]> {
    return this.cluster.settledChecksums(READY_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    await this.cluster.stop(STOP_GRACE_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function urlOf(node: NodeProcess): string {
  return `http://${node.plan.httpAddr}`;
}

async function plans(folder: string, nodeCount: number, flags: readonly string[]): Promise<NodePlan[]> {
  const ports = await freePorts(2 * nodeCount);
  return Array.from({ length: nodeCount }, (_, position) => ({
    id: `node0${position + 1}`,
    httpAddr: `127.0.0.1:${String(ports[position])}`,
    raftAddr: `127.0.0.1:${String(ports[position + nodeCount])}`,
    joinAddr: position === 0 ? null : `127.0.0.1:${String(ports[0])}`,
    dataDir: join(folder, `node0${position + 1}`),
    logFile: join(folder, `node0${position + 1}.log`),
    flags: ['--log-level', 'warn', ...flags],
  }));
}

async function leaderOf(cluster: NodeCluster): Promise<NodeProcess> {
  const leaderId = await cluster.leaderId();
  const leader = cluster.nodes.find((node) => node.plan.id === leaderId);
  if (leader === undefined) {
    throw new Error('the cluster has no leader');
  }
  return leader;
}

/** A bare node:http server in a process of its own. */
export async function startBareServer(): Promise<BareServer> {
  const child = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)));
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    pids: child.pid === undefined ? [] : [child.pid],
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
