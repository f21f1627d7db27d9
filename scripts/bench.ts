/** Compares a cluster of three nodes with a bare HTTP server on this machine: `npm run bench`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, runBlock } from './bench/load.js';
import type { Block, Workload } from './bench/load.js';
import { compare, environment, table } from './bench/report.js';
import type { Comparison } from './bench/report.js';
import { startBareServer, startCluster } from './bench/targets.js';
import type { Target } from './bench/targets.js';
import { buildWhereStale, projectFolder } from './cluster/build.js';
import { stopAsked } from './cluster/stop-asked.js';

const CLIENTS_MAX = 64;

const USAGE = `Usage: npm run bench [-- --quick]

Measures PUT (256-byte values) and consistent GET with 1 and ${CLIENTS_MAX} clients on a three-node cluster
of this machine and on a bare node:http server, in blocks A B B A, and writes bench-results/.

  --quick   blocks of 1 second in place of 10: shows that it works, the figures mean little
`;

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

process.exitCode = await main();

async function main(): Promise<number> {
  const { seconds, exitCode } = readOptions();
  if (exitCode !== null) {
    return exitCode;
  }
  buildWhereStale(console.log);
  const targets: Target[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(targets.splice(0).map((target) => target.stop()));
  };
  void stopAsked()
    .then(stopAll)
    .finally(() => process.exit(1));
  try {
    const bare = await startBareServer();
    targets.push(bare);
    const raftdb = await startCluster();
    targets.push(raftdb);
    await measure({ raftdb, bare }, seconds);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await stopAll();
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

/** Seconds of a block; an exit code where the command line is wrong or asks for help. */
function readOptions(): { readonly seconds: number; readonly exitCode: number | null } {
  try {
    const { values } = parseArgs({
      options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) {
      console.log(USAGE);
    }
    return { seconds: values.quick ? 1 : 10, exitCode: values.help ? 0 : null };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return { seconds: 0, exitCode: 2 };
  }
}
