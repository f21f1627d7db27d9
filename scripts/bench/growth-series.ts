import { fillRange, runBlock } from './suite/block.js';
import type { BlockResult } from './suite/block.js';
import type { Generator } from './suite/generator.js';
import { inTurns } from './suite/in-turns.js';
import { figuresOf } from './suite/results.js';
import type { Figures } from './suite/results.js';
import { systemOf } from './suite/system.js';
import type { System } from './suite/system.js';
import { warmUp } from './suite/warm-up.js';
import { sizedWorkloads } from './suite/workloads.js';
import type { Workload } from './suite/workloads.js';
import { BenchCluster } from './targets.js';

export const CLIENTS = 64;

const VALUE_BYTES = 256;
const KEYS = 10_000;
const KEYS_MIN = 1000;
/** Large values have fewer keys. */
const FILLED_BYTES_MAX = 64 * 2 ** 20;
const nodeCounts = [1, 3, 5, 7];
const valueSizes = [
  ['16 B', 16],
  ['256 B', 256],
  ['4 KB', 4 * 1024],
  ['16 KB', 16 * 1024],
  ['128 KB', 128 * 1024],
] as const;

export interface GrowthOptions {
  readonly keysMax: number;
  readonly seconds: number;
  readonly blocks: number;
  readonly generator: Generator;
  /** For files of the generator. */
  readonly folder: string;
}

/** A cluster that holds so and so much. */
export interface GrowthPoint extends LeaderMemory {
  readonly label: string;
  readonly keys: number;
  readonly put: Figures;
  readonly get: Figures;
  /** What the leader has more than when it was empty, for each key. */
  readonly perKey: LeaderMemory;
  readonly fillSeconds: number;
  /** For all of it. */
  readonly seconds: number;
}

interface LeaderMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** One cluster that is filled further from point to point. @throws Error when a request fails. */
export function againstKeys(options: GrowthOptions): Promise<GrowthPoint[]> {
  return onCluster(3, async (system) => {
    const empty = await leaderMemory(system);
    const points: GrowthPoint[] = [];
    let from = 0;
    for (const keys of keyCounts(options.keysMax)) {
      const label = keys.toLocaleString('en');
      points.push(await measurePoint(system, { label, from, keys, valueBytes: VALUE_BYTES, empty }, options));
      from = keys;
    }
    return points;
  });
}

/** From 1,000 on in steps of ten, and `max` itself. */
export function keyCounts(max: number): number[] {
  const counts: number[] = [];
  for (let count = KEYS_MIN; count < max; count *= 10) {
    counts.push(count);
  }
  return [...counts, max];
}

/** A cluster for each size. @throws Error when a request fails. */
export async function againstValues(options: GrowthOptions): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const [label, valueBytes] of valueSizes) {
    const keys = Math.min(KEYS, Math.floor(FILLED_BYTES_MAX / valueBytes));
    points.push(await freshPoint(3, { label, keys, valueBytes }, options));
  }
  return points;
}

/** A cluster for each number of nodes. @throws Error when a request fails. */
export async function againstNodes(options: GrowthOptions): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const nodeCount of nodeCounts) {
    points.push(
      await freshPoint(nodeCount, { label: String(nodeCount), keys: KEYS, valueBytes: VALUE_BYTES }, options),
    );
  }
  return points;
}

interface Shape {
  readonly label: string;
  readonly keys: number;
  readonly valueBytes: number;
}

interface Filled extends Shape {
  /** Keys that are there already. */
  readonly from: number;
  readonly empty: LeaderMemory;
}

function freshPoint(nodeCount: number, shape: Shape, options: GrowthOptions): Promise<GrowthPoint> {
  return onCluster(nodeCount, async (system) => {
    const empty = await leaderMemory(system);
    return measurePoint(system, { ...shape, from: 0, empty }, options);
  });
}

async function measurePoint(system: System, filled: Filled, options: GrowthOptions): Promise<GrowthPoint> {
  const { label, from, keys, valueBytes, empty } = filled;
  console.log(`${label}: ${keys} keys of ${valueBytes} bytes on ${system.nodeCount} nodes ...`);
  const startMs = performance.now();
  await fillRange(system, { from, until: keys, valueBytes });
  const fillSeconds = (performance.now() - startMs) / 1000;
  const memory = await leaderMemory(system);
  const [put, get] = sizedWorkloads({ clients: CLIENTS, keys, valueBytes });
  const blocks = new Map<Workload, BlockResult[]>([put, get].map((workload) => [workload, []]));
  for (const workload of blocks.keys()) {
    await warmUp(system, workload, options);
  }
  await inTurns(blocks, options.blocks, (workload) => runBlock(system, workload, options));
  return {
    label,
    keys,
    put: figuresOf(blocks.get(put) ?? []),
    get: figuresOf(blocks.get(get) ?? []),
    ...memory,
    perKey: {
      rssBytes: (memory.rssBytes - empty.rssBytes) / keys,
      heapBytes: (memory.heapBytes - empty.heapBytes) / keys,
    },
    fillSeconds,
    seconds: (performance.now() - startMs) / 1000,
  };
}

async function onCluster<Result>(nodeCount: number, work: (system: System) => Promise<Result>): Promise<Result> {
  const system = systemOf(await BenchCluster.start({ nodeCount }));
  try {
    return await work(system);
  } finally {
    await system.stop();
  }
}

/** As the leader itself says; garbage that was not collected yet is among it. */
async function leaderMemory(system: System): Promise<LeaderMemory> {
  const [url = ''] = await system.urls();
  const answer = await fetch(`${url}/status`);
  if (!answer.ok) {
    throw new Error(`${url}/status was answered ${answer.status}`);
  }
  const { memory } = (await answer.json()) as { memory: { rssBytes: number; heapUsedBytes: number } };
  return { rssBytes: memory.rssBytes, heapBytes: memory.heapUsedBytes };
}
