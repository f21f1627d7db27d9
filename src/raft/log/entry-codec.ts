import { assert, at } from '../../lib/assert.js';
import { ByteReader, ByteWriter, MalformedBytesError, textBytes } from '../../lib/bytes.js';
import type { Entry, EntryKind } from '../types.js';

/** Version of the form below; a reader refuses a newer one. */
export const entryFormatVersion = 1;

const kinds: readonly EntryKind[] = ['command', 'configuration', 'noop'];

/** Bytes that an entry takes besides its data and the name of its proposer: kind, term, time, sequence and two lengths. */
export const entryOverheadBytes = 1 + 8 + 8 + 8 + 4 + 4;

/** Before the entries: version, count, first index. */
const headBytes = 1 + 4 + 8;

/**
 * A run of entries with consecutive indexes as bytes, in memory of their own: the same form in a row of the log and in a message.
 *
 * version u8, count u32, first index u53, then per entry: kind u8, term u53, time u53, origin text (empty: nobody
 * waits), sequence u53, data block.
 */
export function encodeEntries(entries: readonly Entry[]): Uint8Array {
  const writer = new ByteWriter(encodedBytes(entries));
  writeEntries(writer, entries);
  return writer.take();
}

/** Writes a block of what {@link encodeEntries} would make of `entries`, without making it first. */
export function writeEntriesBlock(writer: ByteWriter, entries: readonly Entry[]): void {
  const bytes = encodedBytes(entries);
  const end = writer.u32(bytes).size + bytes;
  writeEntries(writer, entries);
  assert(writer.size === end, 'a block is as long as its length says');
}

function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.u8(entryFormatVersion).u32(entries.length);
  writer.u53(entries.length === 0 ? 0 : at(entries, 0).index);
  for (const entry of entries) {
    writer.u8(kinds.indexOf(entry.kind)).u53(entry.term).u53(entry.timeMs);
    writer.text(entry.proposal?.origin ?? '').u53(entry.proposal?.sequence ?? 0);
    writer.block(entry.data);
  }
}

/** Length of the encoded form in bytes. */
function encodedBytes(entries: readonly Entry[]): number {
  return entries.reduce(
    (sum, { proposal, data }) => sum + entryOverheadBytes + textBytes(proposal?.origin ?? '') + data.length,
    headBytes,
  );
}

/**
 * Reads what {@link encodeEntries} wrote. The data of the entries are views of `bytes`.
 *
 * @throws MalformedBytesError when the bytes are something else, or the terms or times go down.
 */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== entryFormatVersion) {
    throw new MalformedBytesError(`entries have format ${version}, this program reads ${entryFormatVersion}`);
  }
  const count = reader.u32();
  const firstIndex = reader.u53();
  const entries: Entry[] = [];
  for (let position = 0; position < count; position += 1) {
    entries.push(decodeEntry(reader, firstIndex + position, entries[position - 1]?.proposal ?? null));
  }
  reader.end();
  requireOrder(entries);
  return entries;
}

/** What one entry costs in memory and on a wire, in bytes, rounded up. */
export function entryBytes(entry: Entry): number {
  return entryOverheadBytes + (entry.proposal?.origin.length ?? 0) + entry.data.length;
}

/** @param before - Of the entry before this one: most have the same proposer, whose name then stands in memory once. */
function decodeEntry(reader: ByteReader, index: number, before: Entry['proposal']): Entry {
  const kind = kinds[reader.u8()];
  if (kind === undefined) {
    throw new MalformedBytesError(`entry ${index} is of no known kind`);
  }
  const term = reader.u53();
  const timeMs = reader.u53();
  const text = reader.text();
  const origin = text === before?.origin ? before.origin : text;
  const sequence = reader.u53();
  const data = reader.block();
  return { index, term, kind, timeMs, proposal: origin === '' ? null : { origin, sequence }, data };
}

function requireOrder(entries: readonly Entry[]): void {
  entries.forEach((entry, position) => {
    const before = position === 0 ? undefined : entries[position - 1];
    if (entry.index < 1 || !Number.isSafeInteger(entry.index)) {
      throw new MalformedBytesError('an entry is at no index');
    }
    if (before !== undefined && (entry.term < before.term || entry.timeMs < before.timeMs)) {
      throw new MalformedBytesError(`the term or time of entry ${entry.index} goes back`);
    }
  });
}
