import { BenchCluster, startBareServer, urlOf } from '../targets.js';
import { bareDialect, raftdbDialect } from './requests.js';
import type { Dialect } from './requests.js';

/** Something that is measured. */
export interface System {
  readonly name: string;
  readonly dialect: Dialect;
  /** How many processes answer. */
  readonly nodeCount: number;
  /** Without a slash at the end; that of who leads now comes first. */
  urls(): Promise<readonly string[]>;
  /** The processes that serve it; none where others take a part that cannot be told apart. */
  readonly pids: readonly number[];
  /** Ends them and removes what they stored. */
  stop(): Promise<void>;
}

/** @param postgresUrl - Of the server that has the data; null: SQLite has them. */
export async function startRaftdb(postgresUrl: string | null): Promise<System> {
  const flags = postgresUrl === null ? [] : ['--storage', 'postgres', '--postgres-url', postgresUrl];
  const system = systemOf(await BenchCluster.start({ flags }));
  return postgresUrl === null ? system : { ...system, pids: [] };
}

/** Nodes of raftdb that keep their data in SQLite. */
export function systemOf(cluster: BenchCluster): System {
  return {
    name: 'raftdb',
    dialect: raftdbDialect,
    nodeCount: cluster.urls.length,
    async urls() {
      const leader = urlOf(await cluster.leader());
      return [leader, ...cluster.urls.filter((url) => url !== leader)];
    },
    pids: cluster.pids,
    stop: () => cluster.stop(),
  };
}

export async function startBare(): Promise<System> {
  const server = await startBareServer();
  return {
    name: 'node:http',
    dialect: bareDialect,
    nodeCount: 1,
    urls: () => Promise.resolve([server.url]),
    pids: server.pids,
    stop: () => server.stop(),
  };
}
