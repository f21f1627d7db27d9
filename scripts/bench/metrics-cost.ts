import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildWhereStale } from '../cluster/build.js';
import { mainThreadTimeUs } from './cpu-time.js';
import { environment } from './environment.js';
import { median } from './percentile.js';
import { readCount, readFlags } from './read-flags.js';
import { scratchFolder } from './scratch-folder.js';
import { fillKeys } from './suite/block.js';
import { chooseGenerator } from './suite/generator.js';
import { inTurns } from './suite/in-turns.js';
import { raftdbDialect } from './suite/requests.js';
import type { BenchRequest } from './suite/requests.js';
import { systemOf } from './suite/system.js';
import { keyOf, valueOf } from './suite/workloads.js';
import { BenchCluster } from './targets.js';

const CLIENTS = 64;
const KEYS = 1000;
const WARM_UP_SECONDS = 2;
/** Blocks of each kind of request, one kind after the other and back again. */
const ROUNDS = 4;

export const METRICS_COST_USAGE = `npm run bench -- metrics-cost [--seconds N] [--json FILE]

What the meters of one request cost, as a part of what the request costs: nanoseconds of the code that meters a PUT and a GET,
run in a loop, beside the processor time that the main thread of a single node takes for each under ${CLIENTS} clients.

  --seconds N  of each block of requests, default 5
  --json FILE  writes the figures there too
`;

type MeteredRequest = 'PUT' | 'GET consistent' | 'GET stale';

interface Cost {
  readonly meterNs: number;
  /** Of the main thread, the meters included. */
  readonly requestUs: number;
  readonly sharePercent: number;
}

/** @throws UsageError when `args` are not those of {@link METRICS_COST_USAGE}, Error when a request fails. */
export async function runMetricsCost(args: readonly string[]): Promise<void> {
  const { seconds, json } = readFlags(args, { seconds: { type: 'string', default: '5' }, json: { type: 'string' } });
  const blockSeconds = readCount('--seconds', seconds, 1);
  buildWhereStale(console.log);
  const requestUs = await requestMicroseconds(blockSeconds);
  const meterNs = meterNanoseconds();
  const costs = Object.fromEntries(
    Object.entries(meterNs).map(([kind, ns]) => {
      const us = requestUs[kind as MeteredRequest];
      return [kind, { meterNs: ns, requestUs: us, sharePercent: ns / us / 10 } satisfies Cost];
    }),
  );
  console.log(costLines(costs).join('\n'));
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ environment: environment(), costs }, null, 2)}\n`);
  }
}

/** By the code as it is built, see the program. */
function meterNanoseconds(): Record<MeteredRequest, number> {
  const program = fileURLToPath(new URL('./meter-loops.mjs', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as Record<MeteredRequest, number>;
}

function requestsOf(kind: MeteredRequest): BenchRequest[] {
  const keys = Array.from({ length: KEYS }, (_, key) => key);
  switch (kind) {
    case 'PUT':
      return keys.map((key) => raftdbDialect.put(keyOf(key), valueOf(key, 256)));
    case 'GET consistent':
      return keys.flatMap((key) => raftdbDialect.get(keyOf(key), 'consistent') ?? []);
    case 'GET stale':
      return keys.flatMap((key) => raftdbDialect.get(keyOf(key), 'stale') ?? []);
  }
}

/** Microseconds of the main thread for one request of each kind: the median of the blocks. */
async function requestMicroseconds(seconds: number): Promise<Record<MeteredRequest, number>> {
  const found: Record<MeteredRequest, number[]> = { PUT: [], 'GET consistent': [], 'GET stale': [] };
  const runs = new Map(Object.entries(found) as [MeteredRequest, number[]][]);
  const cluster = await BenchCluster.start({ nodeCount: 1 });
  try {
    await fillKeys(systemOf(cluster), KEYS);
    for (const kind of runs.keys()) {
      await oneBlock(cluster, requestsOf(kind), WARM_UP_SECONDS);
    }
    await inTurns(runs, ROUNDS, (kind) => oneBlock(cluster, requestsOf(kind), seconds));
    return {
      PUT: median(found.PUT),
      'GET consistent': median(found['GET consistent']),
      'GET stale': median(found['GET stale']),
    };
  } finally {
    await cluster.stop();
  }
}

async function oneBlock(cluster: BenchCluster, requests: BenchRequest[], seconds: number): Promise<number> {
  const [pid = 0] = cluster.pids;
  const [url = ''] = cluster.urls;
  const before = mainThreadTimeUs(pid);
  const result = await chooseGenerator().run({ url, clients: CLIENTS, seconds, requests, folder: scratchFolder() });
  const after = mainThreadTimeUs(pid);
  if (before === null || after === null) {
    throw new Error('the system does not say what a thread has used: this bench needs /proc');
  }
  return (after - before) / result.requests;
}

function costLines(costs: Readonly<Record<string, Cost>>): string[] {
  return Object.entries(costs).map(
    ([kind, { meterNs, requestUs, sharePercent }]) =>
      `${kind.padEnd(16)} meters ${meterNs.toFixed(0).padStart(5)} ns, request ${requestUs.toFixed(1).padStart(6)} us of the main thread: ${sharePercent.toFixed(2)} %`,
  );
}
