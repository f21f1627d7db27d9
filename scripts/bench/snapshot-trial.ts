import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { buildWhereStale } from '../cluster/build.js';
import { readCount, readFlags, readStorage } from './read-flags.js';
import type { Recording, Span } from './recording.js';
import { environment } from './environment.js';
import { measureRestart, restartLines } from './restart.js';
import type { Restart } from './restart.js';
import { bareRowsLines, measureBareRows, restartGoals } from './restart-goal.js';
import { SingleNode } from './single-node.js';
import type { NodeStatus } from './single-node.js';
import { fillKeys, Overwriters } from './snapshot-load.js';
import type { Answered } from './snapshot-load.js';
import { snapshotFigures, snapshotLines } from './snapshot-report.js';
import { goalLines } from './suite/goals.js';

const CLIENTS = 32;
/** One of them may have begun before the writes. */
const SNAPSHOTS = 4;
const STATUS_INTERVAL_MS = 100;
/** The node is left alone before the writes begin, so that what the fill left behind is done. */
const CALM_MS = 3000;
/** No snapshot becomes due while the tail is written and read back. */
const withoutSnapshots = ['--snapshot-entries', '100000000', '--snapshot-bytes', String(128 * 1024 * 1024)];

export const SNAPSHOT_USAGE = `npm run bench -- snapshot [--keys N] [--restarts N] [--storage sqlite|postgres] [--json FILE]

On one node in a process of its own, filled with keys of 256-byte values:

  pauses of its event loop while ${CLIENTS} clients overwrite keys, with and without a snapshot under way;
  then the time from its start to the first answered read, with a tail of entries behind the last snapshot,
  and of a process that reads the same rows by better-sqlite3 alone

  --keys N       how many keys, default 1000000; a snapshot is taken after a twentieth as many entries, as by
                 default, and the tail is a tenth of it
  --restarts N   how often it is started again, default 3
  --storage S    where the node keeps its data, default sqlite
  --json FILE    writes the figures there too
`;

interface Options {
  readonly keys: number;
  readonly restarts: number;
  readonly storage: 'sqlite' | 'postgres';
  readonly json: string | null;
  /** Entries after which a snapshot is taken; with the default number of keys this is the default of a node. */
  readonly every: number;
  /** Entries behind the last snapshot at the restart. */
  readonly tail: number;
}

/** What is known once enough snapshots were taken. */
interface Written {
  readonly recording: Recording;
  readonly span: Span;
  readonly answered: readonly Answered[];
}

/**
 * Measures what snapshots do to a node under writes, and how long its restart takes.
 *
 * @throws UsageError when `args` are not those of {@link SNAPSHOT_USAGE}, Error when the trial fails.
 */
export async function runSnapshotTrial(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  buildWhereStale(console.log);
  const node = await SingleNode.prepare(options.storage);
  try {
    const loadBefore = loadavg();
    const snapshots = snapshotFigures(await fillAndWrite(node, options));
    console.log(snapshotLines(snapshots).join('\n'));
    const log = await writeTail(node, options);
    const restarts: Restart[] = [];
    for (let count = 0; count < options.restarts; count += 1) {
      restarts.push(await measureRestart(node, { lastIndex: log.lastIndex, flags: withoutSnapshots }));
    }
    const tail = log.lastIndex - log.snapshotIndex;
    console.log(restartLines(restarts, { keys: options.keys, tail }).join('\n'));
    const bare = restarts.length === 0 ? null : measureBareRows({ keys: options.keys, tail }, node.dataDir);
    const goals = bare === null ? [] : restartGoals(restarts, bare);
    if (bare !== null) {
      console.log([...bareRowsLines(bare), '', ...goalLines(goals), ''].join('\n'));
    }
    const load = { before: loadBefore, after: loadavg() };
    console.log(`load of the machine: ${text(load.before)} before, ${text(load.after)} after`);
    if (options.json !== null) {
      const figures = { environment: environment(), options, load, snapshots, restarts, bare, goals };
      writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    }
  } finally {
    await node.remove();
  }
}

async function fillAndWrite(node: SingleNode, { keys, every }: Options): Promise<Written> {
  node.start(['--snapshot-entries', String(every)]);
  await node.ready();
  const startMs = nowMs();
  await fillKeys(node.url, keys);
  console.log(`${keys} keys of 256-byte values in ${((nowMs() - startMs) / 1000).toFixed(1)} s`);
  await pause(CALM_MS);
  const fromMs = nowMs();
  const answered = await writeUntil(node, keys, snapshotsTaken(node, SNAPSHOTS));
  const span = { startMs: fromMs, endMs: nowMs() };
  return { recording: await node.stop(), span, answered };
}

/** Writes the entries that the next start finds behind the snapshot; none is due meanwhile. */
async function writeTail(node: SingleNode, { keys, tail }: Options): Promise<NodeStatus['log']> {
  node.start(withoutSnapshots);
  await node.ready();
  await writeUntil(node, keys, tailWritten(node, tail));
  const { log } = await node.status();
  await node.stop();
  return log;
}

/** Clients overwrite keys until `enough` resolves. @throws Error when a write fails. */
async function writeUntil(node: SingleNode, keys: number, enough: Promise<void>): Promise<readonly Answered[]> {
  const writers = new Overwriters(node.url, { clients: CLIENTS, keys });
  await Promise.race([writers.failed, enough]);
  await writers.stop();
  return writers.answered;
}

async function snapshotsTaken(node: SingleNode, count: number): Promise<void> {
  let newest = (await node.status()).log.snapshotIndex;
  for (let taken = 0; taken < count;) {
    await pause(STATUS_INTERVAL_MS);
    const { snapshotIndex } = (await node.status()).log;
    taken += snapshotIndex === newest ? 0 : 1;
    newest = snapshotIndex;
  }
}

async function tailWritten(node: SingleNode, tail: number): Promise<void> {
  let { log } = await node.status();
  while (log.lastIndex - log.snapshotIndex < tail) {
    await pause(STATUS_INTERVAL_MS);
    ({ log } = await node.status());
  }
}

function readOptions(args: readonly string[]): Options {
  const { keys, restarts, storage, json } = readFlags(args, {
    keys: { type: 'string', default: '1000000' },
    restarts: { type: 'string', default: '3' },
    storage: { type: 'string', default: 'sqlite' },
    json: { type: 'string' },
  });
  const keyCount = readCount('--keys', keys, 1000);
  return {
    keys: keyCount,
    every: Math.max(100, Math.floor(keyCount / 20)),
    tail: Math.floor(keyCount / 10),
    restarts: readCount('--restarts', restarts, 0),
    storage: readStorage(storage),
    json: json ?? null,
  };
}

function text(load: readonly number[]): string {
  return load.map((average) => average.toFixed(1)).join(' ');
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
