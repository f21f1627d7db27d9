import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeCluster } from '../cluster/node-cluster.js';
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

/** Three nodes on free ports of this machine with empty data; the requests go to the leader. */
export async function startCluster(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'raftdb-bench-'));
  const ports = await freePorts(2 * NODE_COUNT);
  const cluster = new NodeCluster(
    Array.from({ length: NODE_COUNT }, (_, position) => ({
      id: `node0${position + 1}`,
      httpAddr: `127.0.0.1:${String(ports[position])}`,
      raftAddr: `127.0.0.1:${String(ports[position + NODE_COUNT])}`,
      joinAddr: position === 0 ? null : `127.0.0.1:${String(ports[0])}`,
      dataDir: join(folder, `node0${position + 1}`),
      logFile: join(folder, `node0${position + 1}.log`),
      flags: ['--log-level', 'warn'],
    })),
  );
  const removeFolder = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeFolder);
  const stop = async (): Promise<void> => {
    await cluster.stop(STOP_GRACE_MS);
    removeFolder();
    process.removeListener('exit', removeFolder);
  };
  try {
    await cluster.ready(READY_TIMEOUT_MS);
    const leaderId = await cluster.leaderId();
    const leader = cluster.nodes.find((node) => node.plan.id === leaderId);
    if (leader === undefined) {
      throw new Error('the cluster has no leader');
    }
    const pids = cluster.nodes.map((node) => node.pid).filter((pid) => pid !== undefined);
    return { name: 'raftdb, 3 nodes', url: `http://${leader.plan.httpAddr}`, pids, stop };
  } catch (error) {
    const logs = cluster.nodes.map((node) => [`${node.plan.id}:`, ...node.lastLogLines(10)].join('\n  '));
    await stop();
    throw new Error(['the cluster did not come up', ...logs].join('\n'), { cause: error });
  }
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
