import { memoryOf, mib } from './process-memory.js';
import { putBlock } from './put-block.js';
import type { BlockResult } from './suite/block.js';
import { flood } from './suite/flood.js';
import type { FloodResult } from './suite/flood.js';
import type { Generator } from './suite/generator.js';
import { atLeast, atMost } from './suite/goals.js';
import type { Goal } from './suite/goals.js';
import { raftdbDialect } from './suite/requests.js';
import { figuresOf, tableLines } from './suite/results.js';
import { workloadNamed } from './suite/workloads.js';
import { urlOf } from './targets.js';
import type { BenchCluster } from './targets.js';

/** The rate of the flood, as a multiple of the maximum. */
const TIMES_MAXIMUM = 2;
const MEMORY_INTERVAL_MS = 250;
const MEMORY_GROWTH_BYTES_MAX = 256 * 2 ** 20;

export interface FloodTrial {
  /** The most that clients reach who wait for their answers: medians of blocks before and after the flood. */
  readonly maximum: BlockResult;
  readonly flood: FloodResult;
  /** Of each node, before the flood and the most that was seen during it. */
  readonly rssBytes: { readonly before: readonly number[]; readonly peak: readonly number[] };
  readonly leaderChanges: number;
}

interface Options {
  readonly seconds: number;
  readonly connections: number;
  readonly generator: Generator;
  readonly folder: string;
}

/** Sends the leader twice as much as it takes. @throws Error when it does not even take what clients send in turn. */
export async function floodCluster(cluster: BenchCluster, options: Options): Promise<FloodTrial> {
  const { seconds, connections, generator, folder } = options;
  const maximumBlock = (): Promise<BlockResult> => {
    console.log('PUT of 256 clients, as fast as they are answered ...');
    return putBlock(cluster, { clients: 256, generator, folder });
  };
  // The first block belongs to the compiler of JavaScript.
  await maximumBlock();
  const before = [await maximumBlock(), await maximumBlock()];
  const rate = Math.round(TIMES_MAXIMUM * figuresOf(before).requestsPerSecond);
  const url = urlOf(await cluster.leader());
  const term = await cluster.term();
  const memory = new MemoryWatch(cluster.pids);
  console.log(`PUT at ${rate} a second for ${seconds} s ...`);
  const requests = workloadNamed('PUT, 256 clients').requests(raftdbDialect) ?? [];
  const result = await flood({ url, load: { rate, seconds, requests, connections, opensFirst: true } });
  const rssBytes = memory.stop();
  const leaderChanges = (await cluster.term()) - term;
  const after = [await maximumBlock(), await maximumBlock()];
  return { maximum: figuresOf([...before, ...after]), flood: result, rssBytes, leaderChanges };
}

/** Looks at the memory of processes again and again. */
class MemoryWatch {
  private readonly before: readonly number[];
  private peak: readonly number[];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pids: readonly number[]) {
    this.before = memoryOf(pids).rssBytes;
    this.peak = this.before;
    this.timer = setInterval(() => {
      this.look();
    }, MEMORY_INTERVAL_MS);
  }

  stop(): FloodTrial['rssBytes'] {
    clearInterval(this.timer);
    this.look();
    return { before: this.before, peak: this.peak };
  }

  private look(): void {
    const now = memoryOf(this.pids).rssBytes;
    this.peak = this.peak.map((bytes, place) => Math.max(bytes, now[place] ?? 0));
  }
}

/** Accepted writes a second while the flood lasted. */
function goodput({ acceptedBySecond, seconds }: FloodResult): number {
  return acceptedBySecond.reduce((sum, count) => sum + count, 0) / seconds;
}

function growthBytes({ rssBytes }: FloodTrial): number {
  return Math.max(...rssBytes.peak.map((peak, place) => peak - (rssBytes.before[place] ?? NaN)));
}

export function floodGoals(trial: FloodTrial): Goal[] {
  const { maximum, flood: result, leaderChanges } = trial;
  const { refused, refusedWithoutRetryAfter } = result;
  const goals = [
    atLeast(0.9, 'accepted a second at twice the maximum: the maximum', goodput(result) / maximum.requestsPerSecond),
    atMost(3, 'p99 of what is accepted: p99 at the maximum', result.accepted.p99Ms / maximum.p99Ms),
    atMost(1, 'growth of the memory of a node: 256 MiB', growthBytes(trial) / MEMORY_GROWTH_BYTES_MAX),
    atMost(0, 'changes of the leader', leaderChanges),
    atLeast(1, 'refused with Retry-After: all refused', (refused.count - refusedWithoutRetryAfter) / refused.count),
  ];
  return goals.filter(({ ratio }) => !Number.isNaN(ratio));
}

export function floodLines(trial: FloodTrial): string[] {
  const { maximum, flood: result, rssBytes } = trial;
  const { accepted, refused } = result;
  const others = Object.entries(result.others).map(
    ([status, count]) => `${status === '0' ? 'none' : status}: ${count}`,
  );
  const lines = tableLines([
    ['', 'a second', 'in all', 'p50 ms', 'p99 ms'],
    ['256 clients, one after the other', rounded(maximum.requestsPerSecond), '', ms(maximum.p50Ms), ms(maximum.p99Ms)],
    ['sent by the clock', rounded(result.rate), rounded(result.rate * result.seconds)],
    ['  accepted', rounded(goodput(result)), String(accepted.count), ms(accepted.p50Ms), ms(accepted.p99Ms)],
    ['  refused (503)', '', String(refused.count), ms(refused.p50Ms), ms(refused.p99Ms)],
  ]);
  return [
    ...lines,
    `accepted second by second: ${result.acceptedBySecond.join(' ')}`,
    `refused without Retry-After: ${result.refusedWithoutRetryAfter}; other answers: ${others.join(', ') || 'no'}`,
    `memory of the nodes in MiB: ${mib(rssBytes.before)} before, ${mib(rssBytes.peak)} at most; ` +
      `changes of the leader: ${trial.leaderChanges}`,
  ];
}

function rounded(value: number): string {
  return value.toFixed(0);
}

function ms(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(1);
}
