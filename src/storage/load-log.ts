import { MoreThan } from 'typeorm';
import type { Repository } from 'typeorm';
import { entryFormatVersion } from '../raft/index.js';
import type { HardState, LogIndex } from '../raft/index.js';
import { requireChecksum } from './batch-codec.js';
import type { EntryBatch, LogBase } from './batch-store.js';
import type { HardStateEntity } from './entities/hard-state.entity.js';
import type { LogBaseEntity } from './entities/log-base.entity.js';
import type { LogBatchEntity } from './entities/log-batch.entity.js';
import type { LogPosition } from './log-position.js';
import { baseChecksum, hardStateChecksum, requireRowChecksum } from './row-checksum.js';
import { corrupt, newerVersion } from './storage.errors.js';

/** Batches read at a time: a log larger than the memory to spare passes through. */
const rowsPerSlice = 16;

/** The tables that a start reads. */
export interface LogTables {
  readonly batches: Repository<LogBatchEntity>;
  readonly hardStates: Repository<HardStateEntity>;
  readonly bases: Repository<LogBaseEntity>;
}

/**
 * Reads the whole log, lowest index first, and hands each batch on once its row is proved; what is in it, whoever
 * decodes it proves.
 *
 * Nothing is repaired: a hole or a flipped byte in the middle is not a torn end, and cutting the log there would take
 * back acknowledged entries.
 *
 * @throws StorageError CORRUPT or NEWER_VERSION.
 */
export async function loadLog(tables: LogTables, take: (batch: EntryBatch) => void): Promise<LogPosition> {
  const base = await loadBase(tables.bases);
  let end: { lastIndex: number; lastTerm: number } = { lastIndex: base.index, lastTerm: base.term };
  let rows: LogBatchEntity[];
  let below = -1;
  do {
    rows = await tables.batches.find({
      where: { firstIndex: MoreThan(below) },
      order: { firstIndex: 'ASC' },
      take: rowsPerSlice,
    });
    for (const row of rows) {
      const batch = toBatch(row);
      requireNext(end.lastIndex, row, batch);
      take(batch);
      end = batch;
      below = batch.firstIndex;
    }
  } while (rows.length === rowsPerSlice);
  const { lastIndex, lastTerm } = end;
  return { base, lastIndex, lastTerm, hardState: await loadHardState(tables.hardStates, end) };
}

/** The batch of a row; its payload owns its memory. */
export function toBatch(row: LogBatchEntity): EntryBatch {
  const { firstIndex, lastIndex, lastTerm, checksum, formatVersion, payload } = row;
  if (formatVersion > entryFormatVersion) {
    throw newerVersion(`the log from entry ${firstIndex} on (format ${formatVersion})`);
  }
  const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  return { firstIndex, lastIndex, lastTerm, checksum, formatVersion, payload: bytes };
}

async function loadBase(bases: Repository<LogBaseEntity>): Promise<LogBase> {
  const row = await bases.findOneBy({ id: 1 });
  if (row === null) {
    return { index: 0, term: 0 };
  }
  const base = { index: row.baseIndex, term: row.baseTerm };
  requireRowChecksum(row.checksum, baseChecksum(base), 'where the log begins');
  return base;
}

function requireNext(lastIndex: LogIndex, row: LogBatchEntity, batch: EntryBatch): void {
  if (batch.firstIndex !== lastIndex + 1) {
    throw corrupt(`entry ${lastIndex + 1} is expected in the log, entry ${batch.firstIndex} is found`);
  }
  const isWhole =
    row.entryCount === batch.lastIndex - batch.firstIndex + 1 &&
    row.entryCount > 0 &&
    row.byteLength === batch.payload.length;
  if (!isWhole) {
    throw corrupt(`the entries from ${batch.firstIndex} to ${batch.lastIndex} are not whole`);
  }
  requireChecksum(batch);
}

async function loadHardState(
  hardStates: Repository<HardStateEntity>,
  end: { lastIndex: number; lastTerm: number },
): Promise<HardState | null> {
  const row = await hardStates.findOneBy({ id: 1 });
  if (row === null) {
    if (end.lastIndex > 0) {
      throw corrupt('the term and the vote are missing');
    }
    return null;
  }
  const { currentTerm, votedFor, commitIndex, checksum } = row;
  const hardState = { currentTerm, votedFor, commitIndex };
  requireRowChecksum(checksum, hardStateChecksum(hardState), 'the row of the term and the vote');
  if (commitIndex > end.lastIndex || currentTerm < end.lastTerm) {
    throw corrupt(`the log ends at entry ${end.lastIndex}, before what is known to be committed or voted on`);
  }
  return hardState;
}
