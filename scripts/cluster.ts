/** Runs a cluster of three nodes on this machine until it is told to stop: `npm run cluster`. */
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhereStale } from './cluster/build.js';
import { NodeCluster, NodeEndedError } from './cluster/node-cluster.js';
import type { NodePlan, NodeProcess } from './cluster/node-process.js';
import { isPortInUse } from './cluster/ports.js';
import { PostgresServer } from './cluster/postgres-server.js';
import { stopAsked } from './cluster/stop-asked.js';

const NODE_COUNT = 3;
/** Where the Postgres server keeps its data, below the folder of the cluster. */
const SERVER_FOLDER = 'postgres';
const READY_TIMEOUT_MS = 60_000;
/** Longer than the shutdown timeout of a node. */
const STOP_GRACE_MS = 15_000;
const LOG_LINES = 15;

const USAGE = `Usage: npm run cluster -- [--data DIR] [--fresh] [--storage KIND] [--http-port N] [--peer-port N]

Runs three nodes on this machine until Ctrl-C; their data and logs stay in a folder.

  --data DIR      the folder, default .raftdb
  --fresh         removes the data of an earlier run first
  --storage KIND  sqlite (default), or postgres: a server that is started here, with a database for each node
  --http-port N   HTTP ports N, N+1 and N+2, default 8091
  --peer-port N   peer ports N, N+1 and N+2, default 8081
`;

interface Options {
  readonly data: string;
  readonly fresh: boolean;
  readonly storage: 'sqlite' | 'postgres';
  readonly httpPort: number;
  readonly peerPort: number;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') {
    return options;
  }
  const plans = plansOf(options);
  const taken = await takenPort(plans);
  if (taken !== null) {
    console.error(`${taken} is in use. Stop what listens there, or choose others by --http-port and --peer-port.`);
    return 1;
  }
  const stop = stopAsked();
  try {
    buildWhereStale(console.log);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  mkdirSync(options.data, { recursive: true });
  if (options.fresh) {
    removeData(plans);
    rmSync(join(options.data, SERVER_FOLDER), { recursive: true, force: true });
  }
  if (options.storage === 'sqlite') {
    console.log('Starting three nodes ...');
    return run(new NodeCluster(plans), { stop, data: options.data });
  }
  console.log('Starting a Postgres server and three nodes ...');
  const server = await PostgresServer.start({ folder: join(options.data, SERVER_FOLDER) });
  try {
    const placed = await Promise.all(plans.map((plan) => onPostgres(plan, server)));
    return await run(new NodeCluster(placed), { stop, data: options.data });
  } finally {
    await server.stop();
  }
}

/** The same node with its data in a database of its own; the address holds a password, so it is no flag. */
async function onPostgres(plan: NodePlan, server: PostgresServer): Promise<NodePlan> {
  const url = await server.database(plan.id);
  return { ...plan, env: { RAFTDB_STORAGE: 'postgres', RAFTDB_POSTGRES_URL: url } };
}

async function run(cluster: NodeCluster, { stop, data }: { stop: Promise<void>; data: string }): Promise<number> {
  let exitCode = 0;
  try {
    const isUp = await Promise.race([cluster.ready(READY_TIMEOUT_MS).then(() => true), stop.then(() => false)]);
    if (isUp) {
      console.log(await greeting(cluster, data));
      const allEnded = reportEnds(cluster.nodes, stop);
      exitCode = await Promise.race([stop.then(() => 0), allEnded.then(() => 1)]);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof NodeEndedError) {
      console.error(logOf(error.node));
    }
    exitCode = 1;
  }
  if (cluster.nodes.some((node) => node.isRunning)) {
    console.log('Stopping ...');
  }
  await cluster.stop(STOP_GRACE_MS);
  return exitCode;
}

/** Reports nodes that end while nobody asks for it; resolves when none is left. */
async function reportEnds(nodes: readonly NodeProcess[], stop: Promise<void>): Promise<void> {
  let isStopping = false;
  void stop.then(() => (isStopping = true));
  await Promise.all(
    nodes.map(async (node) => {
      const end = await node.ended;
      if (!isStopping) {
        console.error(
          `${node.plan.id} ended (${end}).\n${logOf(node)}\nThe others go on. To start it again:\n  ${node.commandLine}`,
        );
      }
    }),
  );
}

function logOf(node: NodeProcess): string {
  const lines = node.lastLogLines(LOG_LINES).map((line) => `  ${line}`);
  return [`The end of ${shown(node.plan.logFile)}:`, ...lines].join('\n');
}

async function greeting(cluster: NodeCluster, data: string): Promise<string> {
  const [first, second, third] = cluster.nodes.map((node) => node.plan.httpAddr);
  const leaderId = await cluster.leaderId();
  const quoted = process.platform === 'win32' ? String.raw`"{\"foo\": \"bar\"}"` : `'{"foo": "bar"}'`;
  const list = cluster.nodes.map(({ plan, pid }) => {
    const role = plan.id === leaderId ? '  leader' : '';
    return `  ${plan.id}  http://${plan.httpAddr}  pid ${String(pid)}  log ${shown(plan.logFile)}${role}`;
  });
  return [
    '',
    'Three nodes are ready:',
    ...list,
    '',
    'Write through one node, read from another:',
    `  curl -X POST ${String(first)}/key -d ${quoted}`,
    `  curl ${String(second)}/key/foo`,
    '',
    `See the members:  curl ${String(third)}/cluster`,
    `Try every request: http://${String(first)}/docs`,
    '',
    `Ctrl-C stops the nodes. The data stay in ${shown(data)}; --fresh starts over.`,
  ].join('\n');
}

/** Options, or the exit code. */
function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', default: '.raftdb' },
        fresh: { type: 'boolean', default: false },
        storage: { type: 'string', default: 'sqlite' },
        'http-port': { type: 'string', default: '8091' },
        'peer-port': { type: 'string', default: '8081' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (values.data === '') {
      throw new Error('--data takes the path of a folder');
    }
    if (values.storage !== 'sqlite' && values.storage !== 'postgres') {
      throw new Error('--storage takes sqlite or postgres');
    }
    return {
      data: resolve(values.data),
      fresh: values.fresh,
      storage: values.storage,
      httpPort: firstPort('--http-port', values['http-port']),
      peerPort: firstPort('--peer-port', values['peer-port']),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
}

function firstPort(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const last = 65_536 - NODE_COUNT;
  if (port < 1 || port > last) {
    throw new Error(`${flag} takes an integer from 1 to ${last}, not ${JSON.stringify(text)}`);
  }
  return port;
}

function plansOf({ data, httpPort, peerPort }: Options): NodePlan[] {
  return Array.from({ length: NODE_COUNT }, (_, position) => {
    const id = `node0${position + 1}`;
    return {
      id,
      httpAddr: `localhost:${httpPort + position}`,
      raftAddr: `localhost:${peerPort + position}`,
      joinAddr: position === 0 ? null : `localhost:${httpPort}`,
      dataDir: join(data, id),
      logFile: join(data, `${id}.log`),
      flags: ['-log-format', 'pretty'],
    };
  });
}

async function takenPort(plans: readonly NodePlan[]): Promise<string | null> {
  for (const address of plans.flatMap((plan) => [plan.httpAddr, plan.raftAddr])) {
    const [host = '', port] = address.split(':');
    if (await isPortInUse({ host, port: Number(port) })) {
      return address;
    }
  }
  return null;
}

/** Only what this program made: the folder may hold other things. */
function removeData(plans: readonly NodePlan[]): void {
  for (const { dataDir, logFile } of plans) {
    rmSync(dataDir, { recursive: true, force: true });
    rmSync(logFile, { force: true });
  }
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
