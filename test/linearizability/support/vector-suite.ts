import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at } from '../../../src/lib/assert.js';
import type { History } from '../history.js';
import { readHistory } from '../readers/read-history.js';

/** A recorded history and the truth about it. */
export interface Vector {
  /** The name of the file below its folder. */
  readonly name: string;
  readonly history: History;
  readonly isLinearizable: boolean;
}

/** The histories that the project keeps, with their verdicts. */
export const ownVectorsFolder = join(import.meta.dirname, '..', 'vectors');

/** Further recorded histories of other stores; null where there are none on this machine. */
export const foreignVectorsFolder =
  process.env.RAFTDB_VECTORS === undefined ? null : join(process.env.RAFTDB_VECTORS, 'histories');

/** Reads every history that a `VERDICTS.tsv` below the folder names. */
export function readVectors(folder: string): readonly Vector[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('VERDICTS.tsv'))
    .sort()
    .flatMap((path) => readVerdicts(folder, path));
}

function readVerdicts(folder: string, path: string): readonly Vector[] {
  const rows = readFileSync(join(folder, path), 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => {
    const cells = row.split('\t');
    const name = join(dirname(path), at(cells, 0));
    const verdict = at(cells, 1).trim();
    if (verdict !== 'true' && verdict !== 'false') {
      throw new Error(`${path}: ${verdict} is no verdict`);
    }
    const history = readHistory(readFileSync(join(folder, name), 'utf8'), name);
    return { name, history, isLinearizable: verdict === 'true' };
  });
}
