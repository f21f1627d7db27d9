import type { BlockResult } from './block.js';
import type { OpenLoopResult } from './open-loop.js';
import { tableLines } from './results.js';
import type { WorkloadResult } from './results.js';

/** One figure divided by another one of the same run, and what it should be. */
export interface Goal {
  readonly name: string;
  readonly ratio: number;
  /** `ratio` is at least or at most it. */
  readonly bound: number;
  readonly kind: 'atLeast' | 'atMost';
}

/** Ratios that this run can give; a goal whose figures were not measured is left out. */
export function goalsOf(
  results: readonly WorkloadResult[],
  openLoop: Readonly<Record<string, OpenLoopResult>>,
): Goal[] {
  const run = new Figured(results, openLoop);
  const get64 = 'GET consistent, 64 clients';
  const put64 = 'PUT, 64 clients';
  const post = 'POST of 100 keys, 64 clients';
  const goals: Goal[] = [
    atLeast(3, `${put64}: etcd's rate`, run.rates(put64, 'etcd')),
    atLeast(3, "PUT, 256 clients: etcd's rate", run.rates('PUT, 256 clients', 'etcd')),
    atLeast(1.2, `${put64} over all nodes: our rate at the leader`, run.ours('PUT, 64 clients, all nodes', put64)),
    atMost(
      0.7,
      "PUT, 1 client: etcd's p50",
      run.of('PUT, 1 client', 'raftdb').p50Ms / run.of('PUT, 1 client', 'etcd').p50Ms,
    ),
    atLeast(4, `${get64}: etcd's rate`, run.rates(get64, 'etcd')),
    atLeast(0.75, `${get64}: rate of bare node:http`, run.rates(get64, 'node:http')),
    atLeast(0.8, 'GET consistent on a follower: our rate at the leader', run.ours(`${get64}, a follower`, get64)),
    atLeast(0.85, 'GET stale: rate of bare node:http', run.rates('GET stale, 64 clients', 'node:http')),
    atLeast(5, 'POST of 100 keys: our keys a second by single PUTs', 100 * run.ours(post, put64)),
    atLeast(3, "POST of 100 keys: etcd's rate by txn", run.rates(post, 'etcd')),
    atMost(0.7, "PUT at half of etcd's maximum, open loop: etcd's p99", run.openLoopP99()),
    atMost(0.5, `${put64}: etcd's CPU time a request`, run.cpu(put64, 'raftdb') / run.cpu(put64, 'etcd')),
  ];
  return goals.filter(({ ratio }) => !Number.isNaN(ratio));
}

const unknown: BlockResult = { requestsPerSecond: NaN, p50Ms: NaN, p99Ms: NaN, cpuUsPerRequest: NaN };

/** Figures of a run; NaN where something was not measured. */
class Figured {
  constructor(
    private readonly results: readonly WorkloadResult[],
    private readonly openLoop: Readonly<Record<string, OpenLoopResult>>,
  ) {}

  /** @param system - What its name begins with. */
  of(workload: string, system: string): BlockResult {
    const found = this.results.find((result) => result.workload === workload)?.bySystem ?? {};
    return Object.entries(found).find(([name]) => name.startsWith(system))?.[1] ?? unknown;
  }

  /** Our rate divided by that of another system. */
  rates(workload: string, other: string): number {
    return this.of(workload, 'raftdb').requestsPerSecond / this.of(workload, other).requestsPerSecond;
  }

  /** Our rate of one workload divided by that of another. */
  ours(workload: string, other: string): number {
    return this.of(workload, 'raftdb').requestsPerSecond / this.of(other, 'raftdb').requestsPerSecond;
  }

  cpu(workload: string, system: string): number {
    return this.of(workload, system).cpuUsPerRequest ?? NaN;
  }

  /** Of raftdb, divided by that of etcd. */
  openLoopP99(): number {
    const etcd = Object.entries(this.openLoop).find(([name]) => name.startsWith('etcd'))?.[1];
    return (this.openLoop.raftdb?.p99Ms ?? NaN) / (etcd?.p99Ms ?? NaN);
  }
}

export function atLeast(bound: number, name: string, ratio: number): Goal {
  return { name, ratio, bound, kind: 'atLeast' };
}

export function atMost(bound: number, name: string, ratio: number): Goal {
  return { name, ratio, bound, kind: 'atMost' };
}

/** @param heading - Of the first column. */
export function goalLines(goals: readonly Goal[], heading = 'raftdb divided by'): string[] {
  const rows = goals.map(({ name, ratio, bound, kind }) => [
    name,
    (kind === 'atLeast' ? ratio >= bound : ratio <= bound) ? 'yes' : 'NO',
    `${ratio.toFixed(2)}x`,
    `${kind === 'atLeast' ? '>=' : '<='} ${bound}x`,
  ]);
  return tableLines([[heading, 'reached', 'ratio', 'goal'], ...rows]);
}
