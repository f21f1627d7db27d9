import { crc32 } from 'node:zlib';
import { assert, at } from '../lib/assert.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { decodeEntries, encodeEntries, entryBytes, entryFormatVersion } from '../raft/index.js';
import type { Entry, LogIndex } from '../raft/index.js';
import type { EntryBatch } from './batch-store.js';
import { corrupt } from './storage.errors.js';

/** Bytes of entries in one batch; a single larger entry has a batch of its own. */
const batchBytesMax = 1024 * 1024;

/** Encodes consecutive entries as few batches of bounded size. */
export function encodeBatches(entries: readonly Entry[]): EntryBatch[] {
  requireConsecutive(entries);
  const batches: EntryBatch[] = [];
  let from = 0;
  let bytes = 0;
  entries.forEach((entry, position) => {
    bytes += entryBytes(entry);
    if (bytes > batchBytesMax && position > from) {
      batches.push(encodeBatch(entries.slice(from, position)));
      from = position;
      bytes = entryBytes(entry);
    }
  });
  if (entries.length > from) {
    batches.push(encodeBatch(entries.slice(from)));
  }
  return batches;
}

/**
 * The entries of a batch, as views of its payload.
 *
 * @throws StorageError CORRUPT when they are not those that the batch claims.
 */
export function decodeBatch(batch: EntryBatch): Entry[] {
  const name = `the entries from ${batch.firstIndex} to ${batch.lastIndex}`;
  let entries: Entry[];
  try {
    entries = decodeEntries(batch.payload);
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      throw corrupt(`${name} cannot be read (${error.message})`, { cause: error });
    }
    throw error;
  }
  const first = entries[0];
  const last = entries.at(-1);
  if (first?.index !== batch.firstIndex || last?.index !== batch.lastIndex || last.term !== batch.lastTerm) {
    throw corrupt(`${name} are stored under wrong indexes or terms`);
  }
  return entries;
}

/** The part of a batch below `index`, encoded anew. At least one entry lies below. */
export function cutBatch(batch: EntryBatch, index: LogIndex): EntryBatch {
  requireChecksum(batch);
  return encodeBatch(decodeBatch(batch).filter((entry) => entry.index < index));
}

/** @throws StorageError CORRUPT when the payload is not what was written. */
export function requireChecksum(batch: EntryBatch): void {
  if (crc32(batch.payload) !== batch.checksum) {
    throw corrupt(`the entries from ${batch.firstIndex} to ${batch.lastIndex} do not match their checksum`);
  }
}

function encodeBatch(entries: readonly Entry[]): EntryBatch {
  const last = at(entries, entries.length - 1);
  const payload = encodeEntries(entries);
  return {
    firstIndex: at(entries, 0).index,
    lastIndex: last.index,
    lastTerm: last.term,
    checksum: crc32(payload),
    formatVersion: entryFormatVersion,
    payload,
  };
}

/** @throws InvariantViolation when indexes leave a gap, or terms or times go back. */
export function requireConsecutive(entries: readonly Entry[]): void {
  entries.forEach((entry, position) => {
    const before = entries[position - 1];
    if (before !== undefined) {
      assert(entry.index === before.index + 1, `entry ${entry.index} does not follow entry ${before.index}`);
      assert(
        entry.term >= before.term && entry.timeMs >= before.timeMs,
        `the term or time of entry ${entry.index} goes back`,
      );
    }
  });
}
