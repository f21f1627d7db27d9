import type { NodeProcess } from '../cluster/node-process.js';
import { putBlock } from './put-block.js';
import type { BlockResult } from './suite/block.js';
import type { Generator } from './suite/generator.js';
import { atLeast, atMost } from './suite/goals.js';
import type { Goal } from './suite/goals.js';
import { inTurns } from './suite/in-turns.js';
import { figuresOf, tableLines } from './suite/results.js';
import type { Figures } from './suite/results.js';
import type { BenchCluster } from './targets.js';

/** What one follower goes through; the two others are well. */
const states = ['well', 'stopped', 'killed'] as const;
type FollowerState = (typeof states)[number];

export type FollowerTrial = Readonly<Record<FollowerState, Figures>>;

interface Options {
  readonly blocks: number;
  readonly generator: Generator;
  readonly folder: string;
}

/** Measures the leader while a follower is well, stands still or is gone. @throws Error when a write fails. */
export async function measureFollowers(cluster: BenchCluster, options: Options): Promise<FollowerTrial> {
  // The first block belongs to the compiler of JavaScript.
  await blockOn(cluster, options);
  const runs = new Map<FollowerState, BlockResult[]>(states.map((state) => [state, []]));
  await inTurns(runs, options.blocks, async (state) => {
    console.log(`PUT with 64 clients at the leader, a follower is ${state} ...`);
    return blockWith(cluster, state, options);
  });
  const figures = (state: FollowerState): Figures => figuresOf(runs.get(state) ?? []);
  return { well: figures('well'), stopped: figures('stopped'), killed: figures('killed') };
}

async function blockWith(cluster: BenchCluster, state: FollowerState, options: Options): Promise<BlockResult> {
  const leader = await cluster.leader();
  const follower = cluster.nodes.find((node) => node !== leader);
  if (follower === undefined) {
    throw new Error('the cluster has no follower');
  }
  switch (state) {
    case 'well':
      return blockOn(cluster, options);
    case 'stopped':
      return whileStopped(follower, () => blockOn(cluster, options)).finally(() => cluster.settledChecksums());
    case 'killed':
      follower.kill();
      await follower.ended;
      return blockOn(cluster, options).finally(async () => {
        await cluster.restart(follower.plan.id);
        await cluster.settledChecksums();
      });
  }
}

/** The process neither answers nor closes its connections while `work` is under way. */
async function whileStopped<Result>({ pid }: NodeProcess, work: () => Promise<Result>): Promise<Result> {
  if (pid === undefined) {
    throw new Error('the follower does not run');
  }
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function blockOn(cluster: BenchCluster, { generator, folder }: Options): Promise<BlockResult> {
  return putBlock(cluster, { generator, folder });
}

export function followerGoals({ well, stopped, killed }: FollowerTrial): Goal[] {
  return [
    atMost(1.2, 'p99 with a follower stopped: with all well', stopped.p99Ms / well.p99Ms),
    atMost(1.2, 'p99 with a follower killed: with all well', killed.p99Ms / well.p99Ms),
    atLeast(0.8, 'rate with a follower stopped: with all well', stopped.requestsPerSecond / well.requestsPerSecond),
    atLeast(0.8, 'rate with a follower killed: with all well', killed.requestsPerSecond / well.requestsPerSecond),
  ];
}

export function followerLines(trial: FollowerTrial): string[] {
  return tableLines([
    ['PUT, 64 clients, one follower is', 'requests a second', 'p50 ms', 'p99 ms', 'p99 of each block'],
    ...states.map((state) => {
      const { requestsPerSecond, p50Ms, p99Ms, blocks } = trial[state];
      const each = blocks.map((block) => block.p99Ms.toFixed(1)).join(' ');
      return [state, requestsPerSecond.toFixed(0), p50Ms.toFixed(1), p99Ms.toFixed(1), each];
    }),
  ]);
}
