import { median } from './percentile.js';
import { memoryOf, mib } from './process-memory.js';
import { flood } from './suite/flood.js';
import type { FloodResult, Latencies } from './suite/flood.js';
import { atLeast, atMost } from './suite/goals.js';
import type { Goal } from './suite/goals.js';
import { raftdbDialect } from './suite/requests.js';
import type { BenchRequest } from './suite/requests.js';
import { tableLines } from './suite/results.js';
import { workloadNamed } from './suite/workloads.js';
import { urlOf } from './targets.js';
import type { BenchCluster } from './targets.js';

/** The rate of the flood, as a multiple of the maximum. */
const TIMES_MAXIMUM = 2;
/** How the maximum is found. */
const MAXIMUM_CLIENTS = 256;
const MAXIMUM_SECONDS = 3;
const MEMORY_INTERVAL_MS = 250;
const MEMORY_GROWTH_BYTES_MAX = 256 * 2 ** 20;

export interface FloodTrial {
  /** The most that the clients of the flood reach when they wait for their answers: medians of blocks before and after it. */
  readonly maximum: Maximum;
  /** Requests a second of the flood. */
  readonly rate: number;
  readonly flood: FloodResult;
  /** Of each node, before the flood and the most that was seen during it. */
  readonly rssBytes: { readonly before: readonly number[]; readonly peak: readonly number[] };
  readonly leaderChanges: number;
}

interface Maximum {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Options {
  readonly seconds: number;
  readonly connections: number;
}

/** Sends the leader twice as much as it takes. @throws Error when it does not take all of what clients send in turn. */
export async function floodCluster(cluster: BenchCluster, options: Options): Promise<FloodTrial> {
  const { seconds, connections } = options;
  const requests = workloadNamed('PUT, 256 clients').requests(raftdbDialect) ?? [];
  const url = urlOf(await cluster.leader());
  const block = (): Promise<Maximum> => maximumBlock(url, requests);
  // The first block belongs to the compiler of JavaScript.
  await block();
  const before = [await block(), await block()];
  const rate = Math.round(TIMES_MAXIMUM * medianOf(before).requestsPerSecond);
  const term = await cluster.term();
  const memory = new MemoryWatch(cluster.pids);
  console.log(`PUT at ${rate} a second for ${seconds} s ...`);
  const result = await flood({ url, load: { rate, seconds, requests, connections, opensFirst: true } });
  const rssBytes = memory.stop();
  const leaderChanges = (await cluster.term()) - term;
  const after = [await block(), await block()];
  return { maximum: medianOf([...before, ...after]), rate, flood: result, rssBytes, leaderChanges };
}

/** @throws Error when one answer is not 2xx. */
async function maximumBlock(url: string, requests: readonly BenchRequest[]): Promise<Maximum> {
  console.log(`PUT of ${MAXIMUM_CLIENTS} clients, as fast as they are answered ...`);
  const load = { seconds: MAXIMUM_SECONDS, requests, connections: MAXIMUM_CLIENTS };
  const result = await flood({ url, load });
  if (result.refused.count > 0 || Object.keys(result.others).length > 0) {
    throw new Error(`${url} does not take what ${MAXIMUM_CLIENTS} clients send in turn`);
  }
  return { requestsPerSecond: goodput(result), ...result.accepted.fromSent };
}

function medianOf(blocks: readonly Maximum[]): Maximum {
  const of = (figure: keyof Maximum): number => median(blocks.map((block) => block[figure]));
  return { requestsPerSecond: of('requestsPerSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms') };
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
    atMost(3, 'p99 of what is accepted: p99 at the maximum', result.accepted.fromDue.p99Ms / maximum.p99Ms),
    atMost(3, '  from when it left on a connection', result.accepted.fromSent.p99Ms / maximum.p99Ms),
    atMost(1, 'growth of the memory of a node: 256 MiB', growthBytes(trial) / MEMORY_GROWTH_BYTES_MAX),
    atMost(0, 'changes of the leader', leaderChanges),
    atLeast(1, 'refused with Retry-After: all refused', (refused.count - refusedWithoutRetryAfter) / refused.count),
  ];
  return goals.filter(({ ratio }) => !Number.isNaN(ratio));
}

export function floodLines(trial: FloodTrial): string[] {
  const { maximum, rate, flood: result, rssBytes } = trial;
  const { accepted, refused } = result;
  const others = Object.entries(result.others).map(
    ([status, count]) => `${status === '0' ? 'none' : status}: ${count}`,
  );
  const rowOf = (name: string, perSecond: string, { count, fromDue, fromSent }: Latencies): string[] => [
    name,
    perSecond,
    String(count),
    ...[fromDue.p50Ms, fromDue.p99Ms, fromSent.p50Ms, fromSent.p99Ms].map(ms),
  ];
  const lines = tableLines([
    ['', 'a second', 'in all', 'p50 ms', 'p99 ms', 'p50 from sending', 'p99 from sending'],
    [
      `${MAXIMUM_CLIENTS} clients, one after the other`,
      rounded(maximum.requestsPerSecond),
      ...['', '', ''],
      ms(maximum.p50Ms),
      ms(maximum.p99Ms),
    ],
    ['sent by the clock', rounded(rate), rounded(rate * result.seconds)],
    rowOf('  accepted', rounded(goodput(result)), accepted),
    rowOf('  refused (503)', '', refused),
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
