import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, runBlock } from './load.js';
import type { Block, Workload } from './load.js';
import { compare, environment, table } from './report.js';
import { readFlags, UsageError } from './read-flags.js';
import type { Comparison } from './report.js';
import { runCatchUp } from './catch-up.js';
import { runLeaderKills } from './leader-kills.js';
import { BenchCluster, startBareServer } from './targets.js';
import type { Target } from './targets.js';
import { buildWhereStale, projectFolder } from '../cluster/build.js';

const CLIENTS_MAX = 64;

export const CLUSTER_USAGE = `npm run bench [-- --only rates,kills,catch-up] [--quick]

On a three-node cluster of this machine:

  rates      PUT (256-byte values) and consistent GET with 1 and ${CLIENTS_MAX} clients, and the same on a bare
             node:http server, in blocks A B B A; written to bench-results/ (the default)
  kills      kill -9 of the leader under writes, 20 times: how long no write succeeds; nothing may be lost
  catch-up   200,000 writes at default limits, a node away for most of them: it comes back by a snapshot

  --quick    blocks of 1 second in place of 10, 2 kills, 70,000 writes: the figures mean little
`;

const trials = ['rates', 'kills', 'catch-up'] as const;
type Trial = (typeof trials)[number];

const workloads: readonly Workload[] = [
  { name: 'PUT, 1 client', method: 'PUT', query: '', clients: 1 },
  { name: `PUT, ${CLIENTS_MAX} clients`, method: 'PUT', query: '', clients: CLIENTS_MAX },
  { name: 'GET consistent, 1 client', method: 'GET', query: '?level=consistent', clients: 1 },
  {
    name: `GET consistent, ${CLIENTS_MAX} clients`,
    method: 'GET',
    query: '?level=consistent',
    clients: CLIENTS_MAX,
  },
];

/**
 * Runs trials on a cluster of three nodes of this machine, by default a comparison of its rates with a bare HTTP server.
 *
 * @param args - As {@link CLUSTER_USAGE} says.
 * @throws UsageError when they are something else, Error when a trial fails.
 */
export async function runClusterTrials(args: readonly string[]): Promise<void> {
  const { isQuick, only } = readOptions(args);
  buildWhereStale(console.log);
  if (only.includes('rates')) {
    await measureRates(isQuick ? 1 : 10);
  }
  if (only.includes('kills')) {
    await runLeaderKills(isQuick ? 2 : 20);
  }
  if (only.includes('catch-up')) {
    await runCatchUp(isQuick ? 70_000 : 200_000);
  }
}

async function measureRates(seconds: number): Promise<void> {
  const targets: Target[] = [];
  try {
    const bare = await startBareServer();
    targets.push(bare);
    const raftdb = await BenchCluster.start();
    targets.push(raftdb);
    await measure({ raftdb, bare }, seconds);
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
  }
}

async function measure({ raftdb, bare }: { raftdb: Target; bare: Target }, seconds: number): Promise<void> {
  const blocks: Block[] = [];
  const comparisons: Comparison[] = [];
  for (const target of [raftdb, bare]) {
    await fill(target, CLIENTS_MAX);
  }
  for (const workload of workloads) {
    console.log(`${workload.name} ...`);
    // The first seconds of a workload belong to the compiler of JavaScript, not to the figures.
    await runBlock(raftdb, workload, Math.max(1, seconds / 5));
    await runBlock(bare, workload, Math.max(1, seconds / 5));
    const a1 = await runBlock(raftdb, workload, seconds);
    const b1 = await runBlock(bare, workload, seconds);
    const b2 = await runBlock(bare, workload, seconds);
    const a2 = await runBlock(raftdb, workload, seconds);
    blocks.push(a1, b1, b2, a2);
    comparisons.push(compare(workload.name, { raftdb: [a1, a2], bare: [b1, b2] }));
  }
  const folder = join(projectFolder, 'bench-results');
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ environment: environment(), seconds, comparisons, blocks }, null, 2)}\n`);
  console.log(`\n${table(comparisons)}\n\nAll processes and the load generator shared this machine. ${file}`);
}

interface Options {
  readonly isQuick: boolean;
  readonly only: readonly Trial[];
}

function readOptions(args: readonly string[]): Options {
  const values = readFlags(args, {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'rates' },
  });
  return { isQuick: values.quick, only: values.only.split(',').map(readTrial) };
}

function readTrial(name: string): Trial {
  const trial = trials.find((known) => known === name);
  if (trial === undefined) {
    throw new UsageError(`--only takes ${trials.join(', ')}, not "${name}"`);
  }
  return trial;
}
