import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeCluster } from '../cluster/node-cluster.js';
import type { NodePlan, NodeProcess } from '../cluster/node-process.js';
import { freePorts } from '../cluster/ports.js';

const NODE_COUNT = 3;
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

/** Something that answers PUT and GET of /key/... */
export interface Target {
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** The processes that serve it. */
  readonly pids: readonly number[];
  /** Ends them and removes what they stored. */
  stop(): Promise<void>;
}

/** Three nodes on free ports of this machine with empty data; {@link Target.url} is that of the first leader. */
export class BenchCluster implements Target {
  readonly name = 'raftdb, 3 nodes';

  private constructor(
    private readonly cluster: NodeCluster,
    private readonly folder: string,
    private readonly firstLeader: NodeProcess,
  ) {}

  /**
   * @param options - `flags`: further ones of each node.
   * @throws Error with the last lines of the logs when the cluster does not come up.
   */
  static async start({ flags = [] }: { readonly flags?: readonly string[] } = {}): Promise<BenchCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'raftdb-bench-'));
    process.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
    });
    const cluster = new NodeCluster(await plans(folder, flags));
    try {
      await cluster.ready(READY_TIMEOUT_MS);
      return new BenchCluster(cluster, folder, await leaderOf(cluster));
    } catch (error) {
      const logs = cluster.nodes.map((node) => [`${node.plan.id}:`, ...node.lastLogLines(10)].join('\n  '));
      await cluster.stop(STOP_GRACE_MS);
      throw new Error(['the cluster did not come up', ...logs].join('\n'), { cause: error });
    }
  }

  get url(): string {
    return urlOf(this.firstLeader);
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

  /** Starts a node that has ended on its data, and resolves when it is ready. */
  restart(id: string): Promise<void> {
    return this.cluster.restart(id, READY_TIMEOUT_MS);
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

async function plans(folder: string, flags: readonly string[]): Promise<NodePlan[]> {
  const ports = await freePorts(2 * NODE_COUNT);
  return Array.from({ length: NODE_COUNT }, (_, position) => ({
    id: `node0${position + 1}`,
    httpAddr: `127.0.0.1:${String(ports[position])}`,
    raftAddr: `127.0.0.1:${String(ports[position + NODE_COUNT])}`,
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
export async function startBareServer(): Promise<Target> {
  const child = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)));
  const [port] = (await once(child, 'message')) as [number];
  return {
    name: 'bare node:http',
    url: `http://127.0.0.1:${port}`,
    pids: child.pid === undefined ? [] : [child.pid],
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
