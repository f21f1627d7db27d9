import { cpuTimeUs } from './cpu-time.js';
import { median } from './percentile.js';
import { memoryOf, mib } from './process-memory.js';
import { flood } from './suite/flood.js';
import type { FloodOrder, FloodResult, Latencies } from './suite/flood.js';
import { atLeast, atMost } from './suite/goals.js';
import type { Goal } from './suite/goals.js';
import { raftdbDialect } from './suite/requests.js';
import type { BenchRequest } from './suite/requests.js';
import { tableLines } from './suite/results.js';
import { workloadNamed } from './suite/workloads.js';
import { urlOf } from './targets.js';
import type { BenchCluster } from './targets.js';

/** The rate of a flood, as a multiple of the maximum. */
const TIMES_MAXIMUM = 2;
/** The rate at which the same clients have the most accepted: just above what the node takes. */
const TIMES_ENOUGH = 1.25;
/** How the maximum is found: by clients that wait for their answers, which cost the machine less than any clock. */
const MAXIMUM_CLIENTS = 256;
const MAXIMUM_SECONDS = 3;
/** Floods, between blocks at the maximum: the speed of a machine that others share changes within seconds. */
const FLOODS = 3;
const PATIENT_CLIENTS = 50;
const MEMORY_INTERVAL_MS = 250;
const MEMORY_GROWTH_BYTES_MAX = 256 * 2 ** 20;

export interface FloodTrial {
  /** The most that the clients of the flood reach when they wait for their answers: medians of the blocks around the floods. */
  readonly maximum: Maximum;
  /** Requests a second of the floods. */
  readonly rate: number;
  /** Sent by the same clients at {@link TIMES_ENOUGH}. */
  readonly once: readonly Flood[];
  readonly floods: readonly Flood[];
  /** Of each node, before the floods and the most that was seen during them. */
  readonly rssBytes: { readonly before: readonly number[]; readonly peak: readonly number[] };
  readonly leaderChanges: number;
}

/** A flood, and what the nodes spent on it. */
export interface Flood extends FloodResult {
  /** Processor time of all nodes for each write that was accepted, its part of the refusals included; null: not known. */
  readonly cpuUsPerAccepted: number | null;
}

interface Maximum extends Pick<Flood, 'cpuUsPerAccepted'> {
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
  const block = (): Promise<Maximum> => maximumBlock(url, requests, cluster.pids);
  // The first blocks belong to the compiler of JavaScript.
  await block();
  await block();
  const maxima = [await block()];
  const maximumRate = medianOf(maxima).requestsPerSecond;
  const byTheClock = (times: number): Promise<Flood> => {
    const rate = Math.round(times * maximumRate);
    console.log(`PUT at ${rate} a second for ${seconds} s ...`);
    const load = { rate, seconds, requests, connections, opensFirst: true };
    return metered({ url, load, patientClients: PATIENT_CLIENTS }, cluster.pids);
  };
  const term = await cluster.term();
  const memory = new MemoryWatch(cluster.pids);
  const once: Flood[] = [];
  const floods: Flood[] = [];
  while (floods.length < FLOODS) {
    once.push(await byTheClock(TIMES_ENOUGH));
    floods.push(await byTheClock(TIMES_MAXIMUM));
    maxima.push(await block());
  }
  const leaderChanges = (await cluster.term()) - term;
  const rate = Math.round(TIMES_MAXIMUM * maximumRate);
  return { maximum: medianOf(maxima), rate, once, floods, rssBytes: memory.stop(), leaderChanges };
}

/** @throws Error when one answer is not 2xx. */
async function maximumBlock(url: string, requests: readonly BenchRequest[], pids: readonly number[]): Promise<Maximum> {
  console.log(`PUT of ${MAXIMUM_CLIENTS} clients, as fast as they are answered ...`);
  const load = { seconds: MAXIMUM_SECONDS, requests, connections: MAXIMUM_CLIENTS };
  const result = await metered({ url, load, patientClients: 0 }, pids);
  if (result.refused.count > 0 || Object.keys(result.others).length > 0) {
    throw new Error(`${url} does not take what ${MAXIMUM_CLIENTS} clients send in turn`);
  }
  const { cpuUsPerAccepted } = result;
  return { requestsPerSecond: goodput(result), ...result.accepted.fromSent, cpuUsPerAccepted };
}

async function metered(order: FloodOrder, pids: readonly number[]): Promise<Flood> {
  const before = cpuTimeUs(pids);
  const result = await flood(order);
  const after = cpuTimeUs(pids);
  const accepted = result.accepted.count + result.patient.accepted.count;
  return { ...result, cpuUsPerAccepted: before === null || after === null ? null : (after - before) / accepted };
}

function medianOf(blocks: readonly Maximum[]): Maximum {
  const of = (figure: keyof Maximum): number => median(blocks.map((block) => block[figure] ?? NaN));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUsPerAccepted: of('cpuUsPerAccepted'),
  };
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

/** The median of a figure of each flood. */
function typical(floods: readonly FloodResult[], figure: (result: FloodResult) => number): number {
  return median(floods.map(figure));
}

function sum(floods: readonly FloodResult[], count: (result: FloodResult) => number): number {
  return floods.reduce((total, result) => total + count(result), 0);
}

export function floodGoals(trial: FloodTrial): Goal[] {
  const { maximum, once, floods, leaderChanges } = trial;
  const refused = sum(floods, (result) => result.refused.count + result.patient.refused.count);
  const withRetryAfter = refused - sum(floods, (result) => result.refusedWithoutRetryAfter);
  const accepted = typical(floods, goodput);
  const p99 = (of: (result: FloodResult) => Latencies, from: 'fromDue' | 'fromSent'): number =>
    typical(floods, (result) => of(result)[from].p99Ms) / maximum.p99Ms;
  const goals = [
    atLeast(
      0.9,
      `accepted a second at twice the maximum: at ${TIMES_ENOUGH} times of it`,
      accepted / typical(once, goodput),
    ),
    atLeast(0.9, '  the maximum of clients that wait for their answers', accepted / maximum.requestsPerSecond),
    atMost(
      3,
      'p99 of what is accepted: p99 at the maximum',
      p99(({ accepted: all }) => all, 'fromDue'),
    ),
    atMost(
      3,
      '  from when it left on a connection',
      p99(({ accepted: all }) => all, 'fromSent'),
    ),
    atMost(
      3,
      '  of clients that heed Retry-After',
      p99(({ patient }) => patient.accepted, 'fromDue'),
    ),
    atMost(1, 'growth of the memory of a node: 256 MiB', growthBytes(trial) / MEMORY_GROWTH_BYTES_MAX),
    atMost(0, 'changes of the leader', leaderChanges),
    atLeast(1, 'refused with Retry-After: all refused', withRetryAfter / refused),
  ];
  return goals.filter(({ ratio }) => !Number.isNaN(ratio));
}

export function floodLines(trial: FloodTrial): string[] {
  const { maximum, rate, once, floods, rssBytes } = trial;
  const lines = tableLines([
    ['', 'a second', 'in all', 'p50 ms', 'p99 ms', 'p50 from sending', 'p99 from sending', 'CPU us each'],
    [
      `${MAXIMUM_CLIENTS} clients, one after the other`,
      rounded(maximum.requestsPerSecond),
      ...['', '', ''],
      ms(maximum.p50Ms),
      ms(maximum.p99Ms),
      rounded(maximum.cpuUsPerAccepted ?? NaN),
    ],
    ...rowsOf(`by the clock, ${rounded((rate * TIMES_ENOUGH) / TIMES_MAXIMUM)} a second`, once),
    ...rowsOf(`by the clock, ${rounded(rate)} a second`, floods),
  ]);
  const bySecond = floods.map(({ acceptedBySecond }) => acceptedBySecond.join(' '));
  const withoutRetryAfter = sum(floods, (result) => result.refusedWithoutRetryAfter);
  return [
    ...lines,
    `accepted second by second at ${rounded(rate)}: ${bySecond.join(' | ')}`,
    `refused without Retry-After: ${withoutRetryAfter}; other answers: ${others([...once, ...floods])}`,
    `memory of the nodes in MiB: ${mib(rssBytes.before)} before, ${mib(rssBytes.peak)} at most; ` +
      `changes of the leader: ${trial.leaderChanges}`,
  ];
}

function rowsOf(name: string, floods: readonly Flood[]): string[][] {
  const rowOf = (kind: string, perSecond: string, of: (result: FloodResult) => Latencies): string[] => [
    kind,
    perSecond,
    String(sum(floods, (result) => of(result).count)),
    ...(['fromDue', 'fromSent'] as const).flatMap((from) =>
      (['p50Ms', 'p99Ms'] as const).map((figure) => ms(typical(floods, (result) => of(result)[from][figure]))),
    ),
  ];
  return [
    [name],
    [
      ...rowOf('  accepted', rounded(typical(floods, goodput)), ({ accepted }) => accepted),
      rounded(median(floods.map(({ cpuUsPerAccepted }) => cpuUsPerAccepted ?? NaN))),
    ],
    rowOf('  refused (503)', '', ({ refused }) => refused),
    rowOf(`  accepted of ${PATIENT_CLIENTS} that heed Retry-After`, '', ({ patient }) => patient.accepted),
    rowOf('  refused of those', '', ({ patient }) => patient.refused),
  ];
}

function others(floods: readonly FloodResult[]): string {
  const counts: Record<string, number> = {};
  for (const [status, count] of floods.flatMap((result) => Object.entries(result.others))) {
    counts[status] = (counts[status] ?? 0) + count;
  }
  const words = Object.entries(counts).map(([status, count]) => `${status === '0' ? 'none' : status}: ${count}`);
  return words.join(', ') || 'no';
}

function rounded(value: number): string {
  return value.toFixed(0);
}

function ms(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(1);
}
