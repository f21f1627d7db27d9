import type { EntryBatch } from './batch-store.js';
import type { Dialect } from './dialects/dialect.js';

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

/** Columns of the hard state, its id first. */
export const hardStateColumns = 'id, current_term, voted_for, commit_index';

/** Puts a hard state in the place of the one that is there. */
export const replaceHardState =
  'ON CONFLICT (id) DO UPDATE SET current_term = excluded.current_term, voted_for = excluded.voted_for, ' +
  'commit_index = excluded.commit_index';

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
  /** current_term, voted_for, commit_index. */
  readonly putHardState: string;
  /** base_index, base_term. */
  readonly putBase: string;
  /** Spans of the lowest batches that begin at or below an index, at most as many as the second parameter says. */
  readonly findLowest: string;
  /** The same of the highest ones. */
  readonly findHighest: string;
}

export function logStatements(dialect: Dialect): LogStatements {
  const [one, two, three] = [dialect.parameter(1), dialect.parameter(2), dialect.parameter(3)];
  const eight = Array.from({ length: 8 }, (_, position) => dialect.parameter(position + 1)).join(', ');
  const findSpans = (order: 'ASC' | 'DESC') =>
    `SELECT first_index, last_index, last_term FROM log_batch WHERE first_index <= ${one} ` +
    `ORDER BY first_index ${order} LIMIT ${two}`;
  return {
    deleteAll: 'DELETE FROM log_batch',
    deleteFrom: `DELETE FROM log_batch WHERE first_index >= ${one}`,
    deleteUpTo: `DELETE FROM log_batch WHERE first_index <= ${one}`,
    insertBatch: `INSERT INTO log_batch (${batchColumns}) VALUES (${eight})`,
    putHardState: `INSERT INTO hard_state (${hardStateColumns}) VALUES (1, ${one}, ${two}, ${three}) ${replaceHardState}`,
    putBase:
      `INSERT INTO log_base (id, base_index, base_term) VALUES (1, ${one}, ${two}) ` +
      'ON CONFLICT (id) DO UPDATE SET base_index = excluded.base_index, base_term = excluded.base_term',
    findLowest: findSpans('ASC'),
    findHighest: findSpans('DESC'),
  };
}
