/*
 * Makes the golden data of the present version with real nodes, from the program in dist/:
 *
 *   npm run build && npx tsx test/storage/golden/make-golden.ts [--replace]
 *
 * Run it by hand before a release, and again while the version is not released and its data take another form. Ids, times
 * and who leads are other ones each time; what the keys hold is not.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { PostgresServer } from '../../../scripts/cluster/postgres-server.js';
import { assert, at } from '../../../src/lib/assert.js';
import type { Stores } from '../../../src/consensus/recovery.js';
import { LocalSqliteStores } from '../local-sqlite-stores.js';
import { PostgresFixture } from '../postgres-fixture.js';
import { goldenFolder } from './golden-files.js';
import { namedNodes, nameOf } from './named-nodes.js';
import type { NamedNode } from './named-nodes.js';
import { readBack } from './read-back.js';
import type { GoldenCluster, GoldenNode, GoldenState, GoldenVersion } from './read-back.js';
import { schemaText } from './schema-text.js';
import { fill, tellBeginning, tellEnd } from './story.js';
import type { AnsweredRequest, Texts } from './story.js';

const ids = ['node01', 'node02', 'node03'] as const;
const learner = 'node04';
const args = ['--snapshot-entries', '100', '--log-keep-entries', '5'];
/** More than enough entries for a snapshot. */
const fillsMax = 300;

/** What a running cluster says before it stops. */
interface Told {
  readonly texts: Texts;
  readonly requests: readonly AnsweredRequest[];
  readonly checksum: string;
}

interface Status {
  readonly log: { readonly snapshotIndex: number };
  readonly raft: { readonly appliedIndex: number };
  readonly store: { readonly checksum: string };
}

Logger.overrideLogger(false);
await main();

async function main(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const folder = join(goldenFolder, version);
  assert(!existsSync(folder) || process.argv.includes('--replace'), `${folder} is there; --replace makes it anew`);
  const scratch = mkdtempSync(join(tmpdir(), 'raftdb-golden-'));
  const made = join(scratch, 'made');
  try {
    const expected: GoldenVersion = {
      version,
      sqlite: await makeCluster(ids, { scratch: join(scratch, 'cluster'), to: join(made, 'sqlite') }),
      alone: await makeCluster(['alone'], { scratch: join(scratch, 'alone'), to: join(made, 'alone') }),
      postgres: await makePostgres({ scratch: join(scratch, 'postgres'), to: join(made, 'postgres') }),
    };
    writeFileSync(join(made, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
    requireNoTraces(made, [scratch, tmpdir(), hostname(), process.cwd()]);
    rmSync(folder, { recursive: true, force: true });
    cpSync(made, folder, { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function makeCluster(
  names: readonly string[],
  { scratch, to }: { readonly scratch: string; readonly to: string },
): Promise<GoldenCluster> {
  mkdirSync(scratch, { recursive: true });
  const nodes = await namedNodes(names, { folder: scratch, args, strangers: [learner] });
  const told = await tellAndStop(nodes, true);
  const found: { node: GoldenNode; state: GoldenState }[] = [];
  for (const node of nodes) {
    const target = join(to, node.id);
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(node.dataDir).filter((each) => statSync(join(node.dataDir, each)).size > 0)) {
      cpSync(join(node.dataDir, file), join(target, file));
    }
    const stores = new LocalSqliteStores(node.dataDir, () => undefined);
    found.push(await readAndClose(stores, node.id));
  }
  return clusterOf(found, told);
}

async function makePostgres({
  scratch,
  to,
}: {
  readonly scratch: string;
  readonly to: string;
}): Promise<GoldenCluster> {
  mkdirSync(scratch, { recursive: true });
  mkdirSync(to, { recursive: true });
  const server = await PostgresServer.start();
  try {
    const env = { RAFTDB_STORAGE: 'postgres', RAFTDB_POSTGRES_URL: server.url };
    const nodes = await namedNodes(ids, { folder: scratch, args, env, strangers: [learner] });
    const told = await tellAndStop(nodes, false);
    const found: { node: GoldenNode; state: GoldenState }[] = [];
    for (const { id } of nodes) {
      writeFileSync(join(to, `${id}.sql`), await schemaText(server, `raftdb_${id}`));
      const fixture = new PostgresFixture(server, { schema: `raftdb_${id}` });
      found.push(await readAndClose(fixture.start(), id));
      await server.dropSchema(`raftdb_${id}`);
    }
    return clusterOf(found, told);
  } finally {
    await server.stop();
  }
}

/** Lets the nodes form a cluster, tells them the story and stops them. @param crash - The last one without a warning. */
async function tellAndStop(nodes: readonly NamedNode[], crash: boolean): Promise<Told> {
  const first = at(nodes, 0);
  const last = at(nodes, nodes.length - 1);
  const texts: Texts = new Map();
  try {
    for (const node of nodes) {
      node.start(...(node === first ? [] : ['-join', first.httpBind]));
      await node.ready();
    }
    await first.json('/join', { method: 'POST', body: JSON.stringify({ id: learner, ...nameOf(learner) }) });
    const beginning = await tellBeginning(first, texts);
    for (let number = 0; !(await haveSnapshots(nodes)); number += 1) {
      assert(number < fillsMax, 'a snapshot comes in time');
      await fill(first, texts, number);
    }
    await settled(nodes);
    await last.stop('SIGTERM');
    last.start();
    await last.ready();
    const end = await tellEnd(first, texts);
    const checksum = await settled(nodes);
    for (const node of [...nodes].reverse()) {
      await node.stop(crash && node === last && nodes.length > 1 ? 'SIGKILL' : 'SIGTERM');
    }
    return { texts, requests: [...beginning, ...end], checksum };
  } finally {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
  }
}

async function haveSnapshots(nodes: readonly NamedNode[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(statusOf));
  return states.every(({ log }) => log.snapshotIndex > 0);
}

/** Waits until all have applied the same. @returns The checksum of their state. */
async function settled(nodes: readonly NamedNode[]): Promise<string> {
  const seen: { checksums: Set<string> } = { checksums: new Set() };
  await at(nodes, 0).until(
    async () => {
      const states = await Promise.all(nodes.map(statusOf));
      seen.checksums = new Set(states.map(({ store }) => store.checksum));
      return new Set(states.map(({ raft }) => raft.appliedIndex)).size === 1;
    },
    30_000,
    'level with the others',
  );
  assert(seen.checksums.size === 1, 'all nodes have the same state');
  return at([...seen.checksums], 0);
}

async function statusOf(node: NamedNode): Promise<Status> {
  return (await node.json('/status')).body as Status;
}

async function readAndClose(stores: Stores, id: string): Promise<{ node: GoldenNode; state: GoldenState }> {
  const found = await readBack(stores, id);
  await stores.log.close();
  return { ...found, node: { ...found.node, bootNumber: found.node.bootNumber - 1 } };
}

/** Checks that the data hold what was told, and nothing else, before anybody relies on them. */
function clusterOf(found: readonly { node: GoldenNode; state: GoldenState }[], told: Told): GoldenCluster {
  const { state } = at(found, 0);
  const texts = new Map(state.keys.map(({ key, value }) => [key, value]));
  assert(
    found.every((other) => isDeepStrictEqual(other.state, state)),
    'all nodes hold the same',
  );
  assert(state.checksum === told.checksum, 'the data lead to the state of the running nodes');
  const sorted = (map: Texts): unknown => [...map].sort(([left], [right]) => (left < right ? -1 : 1));
  assert(isDeepStrictEqual(sorted(texts), sorted(told.texts)), 'the data hold what was written');
  assert(
    found.every(({ node }) => node.snapshotIndex > 0 && node.firstIndex > 1 && node.lastIndex > node.snapshotIndex),
    'every log was compacted and goes on behind a snapshot',
  );
  return { state, nodes: found.map(({ node }) => node), requests: told.requests };
}

/** Nothing of the machine that made the data may be in them. */
function requireNoTraces(folder: string, traces: readonly string[]): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      traces.forEach((trace) => {
        assert(!bytes.includes(trace), `${path} names ${trace}`);
      });
    }
  }
}
