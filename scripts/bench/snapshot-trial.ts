import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { buildWhereStale } from '../cluster/build.js';
import { readCount, readFlags, UsageError } from './read-flags.js';
import type { Recording, Span } from './recording.js';
import { environment } from './report.js';
import { measureRestart, restartLines } from './restart.js';
import type { Restart } from './restart.js';
import { SingleNode } from './single-node.js';
import { fillKeys, Overwriters } from './snapshot-load.js';
import type { Answered } from './snapshot-load.js';
import { snapshotFigures, snapshotLines } from './snapshot-report.js';

const CLIENTS = 32;
const SNAPSHOTS = 3;
const STATUS_INTERVAL_MS = 100;
/** The node is left alone before the writes begin, so that what the fill left behind is done. */
const CALM_MS = 3000;

export const SNAPSHOT_USAGE = `npm run bench -- snapshot [--keys N] [--restarts N] [--storage sqlite|postgres] [--json FILE]

On one node in a process of its own, filled with keys of 256-byte values:

  pauses of its event loop while ${CLIENTS} clients overwrite keys, with and without a snapshot under way;
  then the time from its start to the first answered read, with a tail of entries behind the last snapshot

  --keys N       how many keys, default 1000000; the tail is a tenth of it
  --restarts N   how often it is started again, default 3
  --storage S    where the node keeps its data, default sqlite
  --json FILE    writes the figures there too
`;

interface Options {
  readonly keys: number;
  readonly restarts: number;
  readonly storage: 'sqlite' | 'postgres';
  readonly json: string | null;
  /** Entries behind the last snapshot at the restart. */
  readonly tail: number;
}

/** What is known once the writes have ended. */
interface Written {
  readonly recording: Recording;
  readonly span: Span;
  readonly answered: readonly Answered[];
  readonly tail: number;
  readonly lastIndex: number;
}

/**
 * Measures what snapshots do to a node under writes, and how long its restart takes.
 *
 * @throws UsageError when `args` are not those of {@link SNAPSHOT_USAGE}, Error when the trial fails.
 */
export async function runSnapshotTrial(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  buildWhereStale(console.log);
  // Not due again before the tail is written, and due soon after.
  const node = await SingleNode.prepare(options.storage, ['--snapshot-entries', String(options.tail * 1.5)]);
  try {
    const loadBefore = loadavg();
    const written = await fillAndWrite(node, options);
    const snapshots = snapshotFigures(written);
    console.log(snapshotLines(snapshots).join('\n'));
    const restarts: Restart[] = [];
    for (let count = 0; count < options.restarts; count += 1) {
      restarts.push(await measureRestart(node, written.lastIndex));
    }
    console.log(restartLines(restarts, { keys: options.keys, tail: written.tail }).join('\n'));
    const load = { before: loadBefore, after: loadavg() };
    console.log(`load of the machine: ${text(load.before)} before, ${text(load.after)} after`);
    if (options.json !== null) {
      const figures = { environment: environment(), options, load, snapshots, restarts };
      writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    }
  } finally {
    await node.remove();
  }
}

async function fillAndWrite(node: SingleNode, { keys, tail }: Options): Promise<Written> {
  node.start();
  await node.ready();
  const startMs = nowMs();
  await fillKeys(node.url, keys);
  console.log(`${keys} keys of 256-byte values in ${((nowMs() - startMs) / 1000).toFixed(1)} s`);
  await pause(CALM_MS);
  const fromMs = nowMs();
  const writers = new Overwriters(node.url, { clients: CLIENTS, keys });
  const status = await Promise.race([writers.failed, enoughWritten(node, tail)]);
  await writers.stop();
  const span = { startMs: fromMs, endMs: nowMs() };
  const { log } = await node.status();
  const recording = await node.stop();
  return {
    recording,
    span,
    answered: writers.answered,
    tail: log.lastIndex - status.snapshotIndex,
    lastIndex: log.lastIndex,
  };
}

/** Resolves when enough snapshots were taken and the log has its tail. */
async function enoughWritten(node: SingleNode, tail: number): Promise<{ readonly snapshotIndex: number }> {
  let taken = 0;
  let { snapshotIndex, lastIndex } = (await node.status()).log;
  while (taken < SNAPSHOTS || lastIndex - snapshotIndex < tail) {
    await pause(STATUS_INTERVAL_MS);
    const { log } = await node.status();
    taken += log.snapshotIndex === snapshotIndex ? 0 : 1;
    ({ snapshotIndex, lastIndex } = log);
  }
  return { snapshotIndex };
}

function readOptions(args: readonly string[]): Options {
  const { keys, restarts, storage, json } = readFlags(args, {
    keys: { type: 'string', default: '1000000' },
    restarts: { type: 'string', default: '3' },
    storage: { type: 'string', default: 'sqlite' },
    json: { type: 'string' },
  });
  if (storage !== 'sqlite' && storage !== 'postgres') {
    throw new UsageError(`--storage takes sqlite or postgres, not "${storage}"`);
  }
  const keyCount = readCount('--keys', keys, 1000);
  const tail = Math.floor(keyCount / 10);
  return { keys: keyCount, tail, restarts: readCount('--restarts', restarts, 0), storage, json: json ?? null };
}

function text(load: readonly number[]): string {
  return load.map((average) => average.toFixed(1)).join(' ');
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
