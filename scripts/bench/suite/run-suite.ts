import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { buildWhereStale, projectFolder } from '../../cluster/build.js';
import { PostgresServer } from '../../cluster/postgres-server.js';
import { readCount, readFlags, readParts, readStorage, UsageError } from '../read-flags.js';
import { environment } from '../environment.js';
import { scratchFolder } from '../scratch-folder.js';
import { fillKeys, runBlock } from './block.js';
import type { BlockResult } from './block.js';
import { etcdVersion, startEtcd } from './etcd-cluster.js';
import { fsyncRate } from './fsync-rate.js';
import { chooseGenerator } from './generator.js';
import type { Generator } from './generator.js';
import { goalLines, goalsOf } from './goals.js';
import { inTurns } from './in-turns.js';
import { medianOf, runOpenLoop } from './open-loop.js';
import type { OpenLoopResult } from './open-loop.js';
import { throughputPlot } from './plot.js';
import { figuresOf, resultLines, tableLines } from './results.js';
import type { WorkloadResult } from './results.js';
import { startBare, startRaftdb } from './system.js';
import type { System } from './system.js';
import { WARM_BLOCK_SECONDS, warmUp } from './warm-up.js';
import { allWorkloads, workloadNamed } from './workloads.js';
import type { Workload } from './workloads.js';

/** The first seconds of a client belong to its compiler and its connections. */
const OPEN_LOOP_WARM_SECONDS = 2;

/** Each system is asked for these until it is steady before the first figure: a node that just started still compiles itself. */
const WARM_WORKLOADS = ['PUT, 64 clients', 'GET consistent, 64 clients'].flatMap((name) => [
  name,
  `${name}, all nodes`,
]);

const groups = ['put', 'get', 'values', 'many', 'mixed', 'open'] as const;
type Group = (typeof groups)[number];

export const SUITE_USAGE = `npm run bench [-- --only put,get] [--quick] [--blocks N] [--seconds N] [--storage sqlite|postgres]

Three nodes of raftdb, three of etcd with its JSON gateway where it is on the PATH, and a bare node:http server, all on
this machine, one after the other in blocks A B B A; load by wrk where it is on the PATH, by autocannon otherwise:

  put        PUT of 256-byte values with 1, 16, 64 and 256 clients, to the leader and to all nodes
  get        GET of every level, with as many clients, at the leader, a follower and all nodes
  values     PUT of 16 bytes, 16 KB and 128 KB
  many       100 keys in one request
  mixed      half and a twentieth of PUT among GET, keys by a Zipf distribution over 100,000
  open       PUT at half of etcd's rate with 64 clients, sent by the clock

Before the first figure every system is asked for single keys until it is steady: two to three minutes in all.
A table, the ratios that are goals, bench-results/*.json and a plot of throughput against latency beside it.

  --only G     groups of them, with commas between
  --quick      1 block of 1 second each, of systems that are not warm: the figures mean little
  --blocks N   blocks of each workload and system, default 5; the figures are medians
  --seconds N  seconds of a block, default 2
  --storage S  where raftdb keeps its data, default sqlite
`;

interface Options {
  readonly only: readonly Group[];
  readonly quick: boolean;
  readonly blocks: number;
  readonly seconds: number;
  readonly storage: 'sqlite' | 'postgres';
}

interface Bench {
  readonly systems: readonly System[];
  readonly generator: Generator;
  readonly folder: string;
  readonly options: Options;
}

/** @throws UsageError when `args` are not those of {@link SUITE_USAGE}, Error when a request fails. */
export async function runSuite(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  buildWhereStale(console.log);
  const folder = scratchFolder('suite-');
  const generator = chooseGenerator();
  const etcd = etcdVersion();
  console.log(`load by ${generator.name}; ${etcd === null ? 'etcd is not on the PATH' : `beside etcd ${etcd}`}`);
  const systems: System[] = [];
  const server = options.storage === 'postgres' ? await PostgresServer.start({ settings: [] }) : null;
  try {
    systems.push(await startRaftdb(server?.url ?? null));
    if (etcd !== null) {
      systems.push(await startEtcd(etcd));
    }
    systems.push(await startBare());
    await measure({ systems, generator, folder, options });
  } finally {
    await Promise.all(systems.map((system) => system.stop()));
    await server?.stop();
  }
}

async function measure(bench: Bench): Promise<void> {
  const { options, generator, folder, systems } = bench;
  const before = { load: loadavg(), fsync: fsyncRate(folder) };
  const results: WorkloadResult[] = [];
  const filled = new Map<System, number>();
  const warmUps = options.quick ? [] : await getWarm(bench, filled);
  for (const workload of allWorkloads().filter(({ group }) => options.only.includes(group))) {
    process.stdout.write(`${workload.name} ...\n`);
    results.push(await measureWorkload(bench, workload, filled));
  }
  const openLoop = options.only.includes('open') ? await measureOpenLoop(bench, results) : {};
  const after = { load: loadavg(), fsync: fsyncRate(folder) };
  const goals = goalsOf(results, openLoop);
  console.log(`\n${resultLines(results).join('\n')}\n`);
  if (Object.keys(openLoop).length > 0) {
    console.log(`${openLoopLines(openLoop).join('\n')}\n`);
  }
  console.log(`${goalLines(goals).join('\n')}\n`);
  console.log(
    `4 KiB made durable ${before.fsync.toFixed(0)} times a second before and ${after.fsync.toFixed(0)} after; ` +
      `load of the machine ${(before.load[0] ?? NaN).toFixed(1)} before`,
  );
  const file = join(projectFolder, 'bench-results', new Date().toISOString().replaceAll(':', '-'));
  mkdirSync(join(projectFolder, 'bench-results'), { recursive: true });
  const names = systems.map(({ name }) => name);
  const all = {
    environment: environment(),
    generator: generator.name,
    systems: names,
    options,
    before,
    after,
    warmUps,
  };
  writeFileSync(`${file}.json`, `${JSON.stringify({ ...all, goals, results, openLoop }, null, 2)}\n`);
  writeFileSync(`${file}.svg`, throughputPlot(results));
  console.log(`All processes and the load generator shared this machine. ${file}.json and .svg`);
}

async function measureWorkload(bench: Bench, workload: Workload, filled: Map<System, number>): Promise<WorkloadResult> {
  const { generator, folder, options } = bench;
  // The first second of a workload belongs to the compiler of JavaScript, not to the figures.
  const blocks = new Map<System, BlockResult[]>();
  for (const system of systemsFor(bench.systems, workload)) {
    await fill(system, workload, filled);
    if ((await runBlock(system, workload, { generator, folder, seconds: 1 })) !== null) {
      blocks.set(system, []);
    }
  }
  await inTurns(blocks, options.blocks, (system) =>
    runBlock(system, workload, { generator, folder, seconds: options.seconds }),
  );
  return {
    workload: workload.name,
    clients: workload.clients,
    keysPerRequest: workload.keysPerRequest,
    bySystem: Object.fromEntries([...blocks].map(([{ name }, done]) => [name, figuresOf(done)])),
  };
}

/** How fast a system was while it got warm. */
interface WarmUp {
  readonly system: string;
  readonly workload: string;
  readonly requestsPerSecond: readonly number[];
}

/** Every system gets as fast as it can be, at its leader and at the others. */
async function getWarm({ systems, generator, folder }: Bench, filled: Map<System, number>): Promise<WarmUp[]> {
  const warmUps: WarmUp[] = [];
  for (const name of WARM_WORKLOADS) {
    const workload = workloadNamed(name);
    for (const system of systemsFor(systems, workload)) {
      await fill(system, workload, filled);
      const rates = await warmUp(system, workload, { generator, folder });
      warmUps.push({ system: system.name, workload: name, requestsPerSecond: rates });
      const shown = rates.map((rate) => Math.round(rate)).join(' ');
      console.log(`${name}, ${system.name} gets warm, requests a second each ${WARM_BLOCK_SECONDS} s: ${shown}`);
    }
  }
  return warmUps;
}

/** Stores the keys that a workload needs and that are not stored yet. */
async function fill(system: System, { filledKeys }: Workload, filled: Map<System, number>): Promise<void> {
  if (filledKeys > (filled.get(system) ?? 0)) {
    await fillKeys(system, filledKeys);
    filled.set(system, filledKeys);
  }
}

/** A server of one process has neither followers nor other nodes, and is no measure of mixed loads. */
function systemsFor(systems: readonly System[], { aim, group }: Workload): System[] {
  return systems.filter(({ nodeCount }) => nodeCount > 1 || (aim === 'leader' && group !== 'mixed'));
}

/** Half of what the slowest cluster takes from 64 clients, for every cluster. */
async function measureOpenLoop(
  { systems, options }: Bench,
  results: readonly WorkloadResult[],
): Promise<Record<string, OpenLoopResult>> {
  const workload = allWorkloads().find(({ name }) => name === 'PUT, 64 clients');
  const rates = Object.entries(results.find((result) => result.workload === workload?.name)?.bySystem ?? {})
    .filter(([name]) => name !== 'node:http')
    .map(([, figures]) => figures.requestsPerSecond);
  if (workload === undefined || rates.length === 0) {
    throw new UsageError('--only open needs put, whose rates it takes');
  }
  const rate = Math.floor(Math.min(...rates) / 2);
  const clusters = systems.filter(({ nodeCount }) => nodeCount > 1);
  const runs = new Map<System, OpenLoopResult[]>(clusters.map((system) => [system, []]));
  const once = async (system: System, seconds: number): Promise<OpenLoopResult> => {
    const [url = ''] = await system.urls();
    return runOpenLoop(url, { rate, seconds, requests: workload.requests(system.dialect) ?? [] });
  };
  for (const system of clusters) {
    await once(system, OPEN_LOOP_WARM_SECONDS);
  }
  await inTurns(runs, options.blocks, (system) => once(system, 2 * options.seconds));
  return Object.fromEntries([...runs].map(([{ name }, done]) => [name, medianOf(done)]));
}

function openLoopLines(found: Readonly<Record<string, OpenLoopResult>>): string[] {
  return tableLines([
    ['PUT sent by the clock', 'requests a second', 'p50 ms', 'p99 ms', 'p99.9 ms'],
    ...Object.entries(found).map(([system, { rate, p50Ms, p99Ms, p999Ms }]) => [
      system,
      String(rate),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      p999Ms.toFixed(2),
    ]),
  ]);
}

function readOptions(args: readonly string[]): Options {
  const { only, quick, blocks, seconds, storage } = readFlags(args, {
    only: { type: 'string', default: groups.join(',') },
    quick: { type: 'boolean', default: false },
    blocks: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    storage: { type: 'string', default: 'sqlite' },
  });
  return {
    only: readParts('--only', only, groups),
    quick,
    blocks: quick ? 1 : readCount('--blocks', blocks, 1),
    seconds: quick ? 1 : readCount('--seconds', seconds, 1),
    storage: readStorage(storage),
  };
}
