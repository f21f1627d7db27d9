import type { HardState } from '../raft/index.js';
import type { EntryBatch, LogBase } from './batch-store.js';
import type { Dialect } from './dialects/dialect.js';
import { baseChecksum, hardStateChecksum } from './row-checksum.js';

/** Columns of a batch, in the order of {@link batchValues}. */
export const batchColumns =
  'first_index, last_index, last_term, entry_count, byte_length, checksum, format_version, payload';

/** The row of a batch. */
export function batchValues(batch: EntryBatch): unknown[] {
  const { firstIndex, lastIndex, lastTerm, checksum, formatVersion, payload } = batch;
  return [
    firstIndex,
    lastIndex,
    lastTerm,
    lastIndex - firstIndex + 1,
    payload.length,
    checksum,
    formatVersion,
    payload,
  ];
}

/** The row of where the log begins, its id apart. */
export function baseValues(base: LogBase): unknown[] {
  return [base.index, base.term, baseChecksum(base)];
}

/** Columns of the hard state, its id first. */
export const hardStateColumns = 'id, current_term, voted_for, commit_index, checksum';

/** The row of a hard state, its id apart. */
export function hardStateValues(hardState: HardState): unknown[] {
  return [hardState.currentTerm, hardState.votedFor, hardState.commitIndex, hardStateChecksum(hardState)];
}

/** Puts a hard state in the place of the one that is there. */
export const replaceHardState =
  'ON CONFLICT (id) DO UPDATE SET current_term = excluded.current_term, voted_for = excluded.voted_for, ' +
  'commit_index = excluded.commit_index, checksum = excluded.checksum';

/**
 * The statements of the hot path. Their texts never change, so that the database prepares each once: TypeORM's query
 * builder writes numbers into the text on SQLite.
 */
export interface LogStatements {
  /** Removes all batches. */
  readonly deleteAll: string;
  /** Removes the batches that begin at or above an index. */
  readonly deleteFrom: string;
  /** Removes the batches that begin at or below an index. */
  readonly deleteUpTo: string;
  /** {@link batchValues}. */
  readonly insertBatch: string;
  /** {@link hardStateValues}. */
  readonly putHardState: string;
  /** {@link baseValues}. */
  readonly putBase: string;
  /** Spans of the lowest batches that begin at or below an index, at most as many as the second parameter says. */
  readonly findLowest: string;
  /** The same of the highest ones. */
  readonly findHighest: string;
}

export function logStatements(dialect: Dialect): LogStatements {
  const parameters = (count: number): string =>
    Array.from({ length: count }, (_, position) => dialect.parameter(position + 1)).join(', ');
  const [one, two] = [dialect.parameter(1), dialect.parameter(2)];
  const findSpans = (order: 'ASC' | 'DESC') =>
    `SELECT first_index, last_index, last_term FROM log_batch WHERE first_index <= ${one} ` +
    `ORDER BY first_index ${order} LIMIT ${two}`;
  return {
    deleteAll: 'DELETE FROM log_batch',
    deleteFrom: `DELETE FROM log_batch WHERE first_index >= ${one}`,
    deleteUpTo: `DELETE FROM log_batch WHERE first_index <= ${one}`,
    insertBatch: `INSERT INTO log_batch (${batchColumns}) VALUES (${parameters(8)})`,
    putHardState: `INSERT INTO hard_state (${hardStateColumns}) VALUES (1, ${parameters(4)}) ${replaceHardState}`,
    putBase:
      `INSERT INTO log_base (id, base_index, base_term, checksum) VALUES (1, ${parameters(3)}) ` +
      'ON CONFLICT (id) DO UPDATE SET base_index = excluded.base_index, base_term = excluded.base_term, ' +
      'checksum = excluded.checksum',
    findLowest: findSpans('ASC'),
    findHighest: findSpans('DESC'),
  };
}
