import { BenchCluster, startBareServer } from '../targets.js';
import { bareDialect, raftdbDialect } from './requests.js';
import type { Dialect } from './requests.js';

/** Something that is measured. */
export interface System {
  readonly name: string;
  readonly dialect: Dialect;
  /** Without a slash at the end; the leader's first. A system that is one process has one. */
  readonly urls: readonly string[];
  /** The processes that serve it. */
  readonly pids: readonly number[];
  /** Ends them and removes what they stored. */
  stop(): Promise<void>;
}

/** @param flags - Further ones of each node. */
export async function startRaftdb(flags: readonly string[]): Promise<System> {
  const cluster = await BenchCluster.start({ flags });
  const leader = cluster.url;
  return {
    name: 'raftdb',
    dialect: raftdbDialect,
    urls: [leader, ...cluster.urls.filter((url) => url !== leader)],
    pids: cluster.pids,
    stop: () => cluster.stop(),
  };
}

export async function startBare(): Promise<System> {
  const server = await startBareServer();
  return { name: 'node:http', dialect: bareDialect, urls: [server.url], pids: server.pids, stop: () => server.stop() };
}
