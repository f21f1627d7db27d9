import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildWhereStale, mainFile } from '../cluster/build.js';
import { NodeEndedError } from '../cluster/node-cluster.js';
import type { NodeProcess } from '../cluster/node-process.js';
import { RetryingWriters } from '../cluster/retrying-writers.js';
import { askEverything } from './ask-everything.js';
import { readCount, readFlags, UsageError } from './read-flags.js';
import { BenchCluster, urlOf } from './targets.js';
import { verifyWrites } from './verify-writes.js';

const WRITERS = 4;
/** How a node ends that refuses its data. */
const REFUSED = 'exit code 5';
/** A node that is asked to stop has as long as by default. */
const STOP_GRACE_MS = 15_000;
/** Snapshots come often and logs are cut behind them: whoever was away is sent one. States are compared all the time. */
const FLAGS = ['--snapshot-entries', '500', '--log-keep-entries', '200', '--checksum-interval-ms', '250'];

export const UPGRADE_USAGE = `npm run bench -- upgrade --from FOLDER [--writes N]

A rolling upgrade: three nodes of another build get this one, one node after the other, under ${WRITERS} writers that retry with an
Idempotency-Key. In every mixture each node leads in turn, and all are asked every kind of request. No write may fail or be
lost. Then each node is put back: the other build must serve with the data, or refuse them and leave them as they are. Where
it refuses them it takes the place of the node with empty ones.

  --from FOLDER  a checkout of the other build, in which \`npm run build\` was run
  --writes N     successes before each step, default 2000
`;

/** @throws UsageError when `args` are not those of {@link UPGRADE_USAGE}, Error when something is not as it says. */
export async function runUpgrade(args: readonly string[]): Promise<void> {
  const { from, writes } = readFlags(args, { from: { type: 'string' }, writes: { type: 'string', default: '2000' } });
  const other = resolve(from ?? '', 'dist', 'main.js');
  if (from === undefined || !existsSync(other)) {
    throw new UsageError(`--from takes a folder with a build; there is no ${other}`);
  }
  const calmWrites = readCount('--writes', writes, 1);
  buildWhereStale(console.log);
  const cluster = await BenchCluster.start({ flags: FLAGS, program: other });
  try {
    await new Upgrade(cluster, other, calmWrites).run();
  } finally {
    await cluster.stop();
  }
}

class Upgrade {
  private readonly writers: RetryingWriters;

  /** @param other - The program of the other build. */
  constructor(
    private readonly cluster: BenchCluster,
    private readonly other: string,
    private readonly calmWrites: number,
  ) {
    this.writers = new RetryingWriters(cluster.urls, WRITERS);
  }

  async run(): Promise<void> {
    const ids = this.cluster.nodes.map(({ plan }) => plan.id);
    try {
      await this.mixture('no node upgraded');
      for (const id of ids) {
        await this.step(id, () => this.cluster.restart(id, { program: mainFile }));
        await this.mixture(`${id} upgraded`);
      }
      for (const id of ids) {
        await this.step(id, () => this.putBack(id));
        await this.mixture(`${id} was put back`);
      }
    } finally {
      await this.writers.stop();
    }
    const [first] = this.writers.failed;
    if (first !== undefined) {
      throw new Error(`${this.writers.failed.length} writes failed, the first: ${JSON.stringify(first)}`);
    }
    await verifyWrites(this.cluster, this.writers.acknowledged);
  }

  private async mixture(when: string): Promise<void> {
    await this.writers.successes(this.calmWrites);
    const nodes = this.cluster.nodes.map((node) => ({ id: node.plan.id, url: urlOf(node) }));
    const { answered, again } = await askEverything(nodes);
    console.log(`${when}: ${answered} requests answered as they should be, ${again} of them asked again`);
  }

  /** Stops a node and does what is to be done with it. */
  private async step(id: string, start: () => Promise<void>): Promise<void> {
    const fromMs = performance.now();
    await this.node(id).stop(STOP_GRACE_MS);
    await start();
    await this.writers.successes(WRITERS);
    const pauseMs = this.writers.longestPauseMs({ fromMs, untilMs: performance.now() });
    console.log(`  ${Math.round(pauseMs)} ms without a success at most`);
  }

  /** Starts the other build on the data of a node that is stopped, and in its place with empty ones where it refuses them. */
  private async putBack(id: string): Promise<void> {
    const { dataDir, flags } = this.node(id).plan;
    const before = fingerprint(dataDir);
    try {
      await this.cluster.restart(id, { program: this.other });
      console.log(`${id}: the other build goes on with the data`);
    } catch (error) {
      if (!(error instanceof NodeEndedError) || error.end !== REFUSED) {
        throw error;
      }
      console.log(`${id}: the other build refuses the data`, ...this.node(id).lastLogLines(1));
      if (fingerprint(dataDir) !== before) {
        throw new Error(`the refused data of ${id} have changed`, { cause: error });
      }
      renameSync(dataDir, `${dataDir}-before`);
      const member = this.cluster.nodes.find(({ plan }) => plan.id !== id);
      await this.cluster.restart(id, { joinAddr: member?.plan.httpAddr ?? null, flags: [...flags, '-replace'] });
      console.log(`${id}: the other build takes its place with empty data`);
    }
  }

  private node(id: string): NodeProcess {
    const node = this.cluster.nodes.find(({ plan }) => plan.id === id);
    if (node === undefined) {
      throw new Error(`there is no ${id}`);
    }
    return node;
  }
}

/** Of the names and the contents of the files in a folder. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}
