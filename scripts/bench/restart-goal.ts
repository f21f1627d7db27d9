import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Restart } from './restart.js';
import { scratchFolder } from './scratch-folder.js';
import { atMost } from './suite/goals.js';
import type { Goal } from './suite/goals.js';

const bareFile = fileURLToPath(new URL('./bare-rows.mjs', import.meta.url));

/** A process that reads rows by better-sqlite3 alone, from its start to its end, in milliseconds. */
export interface BareRows {
  /** The same keys and entries, a row each. */
  readonly rowsMs: number;
  /** The node's own rows, each a chunk of a snapshot or a batch of entries; null where they are in Postgres. */
  readonly ownRowsMs: number | null;
}

/** @param dataDir - Of a node that does not run; null where its data are in Postgres. */
export function measureBareRows(
  { keys, tail }: { readonly keys: number; readonly tail: number },
  dataDir: string | null,
): BareRows {
  const file = join(scratchFolder(), 'rows.db');
  runBare('make', file, String(keys), String(tail));
  return { rowsMs: runBare('rows', file), ownRowsMs: dataDir === null ? null : runBare('chunks', dataDir) };
}

/** The best of the restarts, up to the first answered read, beside bare reading in the same run. */
export function restartGoals(restarts: readonly Restart[], { rowsMs, ownRowsMs }: BareRows): Goal[] {
  const bestMs = Math.min(...restarts.map(({ firstReadMs }) => firstReadMs));
  const goals = [
    atMost(3, 'restart to the first answered read: seconds', bestMs / 1000),
    atMost(2, 'restart: bare better-sqlite3, a row for each key and entry', bestMs / rowsMs),
  ];
  if (ownRowsMs !== null) {
    goals.push(atMost(2, "restart: bare better-sqlite3, the node's own rows", bestMs / ownRowsMs));
  }
  return goals;
}

export function bareRowsLines({ rowsMs, ownRowsMs }: BareRows): string[] {
  const own = ownRowsMs === null ? '' : `, the node's own rows, chunks and batches, in ${ownRowsMs.toFixed(0)} ms`;
  return [`bare better-sqlite3 reads a row for each key and entry in ${rowsMs.toFixed(0)} ms${own}`];
}

/** @returns Milliseconds that the process took. */
function runBare(...args: readonly string[]): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [bareFile, ...args], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`bare better-sqlite3 failed: ${stderr}`);
  }
  return performance.now() - startMs;
}
