import { ByteWriter, MalformedBytesError, requireUtf8 } from '../lib/bytes.js';
import { valueBytesMax, valueDepthMax } from './commands.js';
import { scanValue } from './json-scanner.js';
import { RecordReader } from './key-record.js';
import { keyBytesMax } from './keys.js';
import type { FrozenKeys } from './versioned-map.js';

/** A block ends with the record that makes it this long, in bytes. */
const blockBytes = 64 * 1024;

/** Longest block: one record of the longest kind after an almost full block. */
export const backupBlockBytesMax = blockBytes + keyBytesMax + valueBytesMax + 64;

/** All keys of a store at one revision. */
export interface BackupContents {
  readonly revision: number;
  readonly keyCount: number;
  /** Keys in byte order, as records of key-record.ts; each with memory of its own. */
  readonly blocks: Iterable<Uint8Array>;
}

/** All keys, while the blocks are taken. */
export function* keyBlocks(keys: FrozenKeys): Generator<Uint8Array, void> {
  let writer: ByteWriter | null = null;
  for (const record of keys.records()) {
    writer ??= new ByteWriter(2 * blockBytes);
    writer.raw(record);
    if (writer.size >= blockBytes) {
      yield writer.finish();
      writer = null;
    }
  }
  if (writer !== null) {
    yield writer.finish();
  }
}

/**
 * How many keys a block holds, each of them proved: its form, its revisions, and that its value is a JSON text.
 *
 * @param revision - Of the store that it was written from.
 * @throws MalformedBytesError when it holds anything else.
 */
export function countKeys(block: Uint8Array, revision: number): number {
  const reader = new RecordReader(block, revision);
  let count = 0;
  while (!reader.isAtEnd) {
    reader.next();
    requireJson(reader.value);
    count += 1;
  }
  return count;
}

function requireJson(value: Uint8Array): void {
  requireUtf8(value);
  const scanned = scanValue(value, { depthMax: valueDepthMax });
  if (scanned.kind !== 'value' || scanned.value.length !== value.length) {
    throw new MalformedBytesError('a value is no JSON text');
  }
}
