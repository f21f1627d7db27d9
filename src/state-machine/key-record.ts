import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import { MalformedBytesError } from '../lib/bytes.js';
import { readKey, readValue } from './value-codec.js';
import type { RangeItem, StoredValue } from './results.js';

/** A key with what is stored: key text, value text, createRevision u53, modRevision u53, version u53. */
export function writeKeyRecord(writer: ByteWriter, [key, stored]: readonly [string, StoredValue]): void {
  writer.text(key).text(stored.value);
  writer.u53(stored.createRevision).u53(stored.modRevision).u53(stored.version);
}

/**
 * Reads what {@link writeKeyRecord} wrote.
 *
 * @param revision - Of the store that it was written from.
 * @throws MalformedBytesError when it cannot be a key of that store.
 */
export function readKeyRecord(reader: ByteReader, revision: number): RangeItem {
  const key = readKey(reader);
  const value = readValue(reader);
  const createRevision = reader.u53();
  const modRevision = reader.u53();
  const version = reader.u53();
  if (createRevision < 1 || createRevision > modRevision || modRevision > revision) {
    throw new MalformedBytesError('revisions are not in order');
  }
  if (version < 1 || version > modRevision - createRevision + 1) {
    throw new MalformedBytesError('a version is not one');
  }
  return { key, value, createRevision, modRevision, version };
}
