import { MalformedBytesError } from '../lib/bytes.js';
import type { ByteReader } from '../lib/bytes.js';
import { readKey, readValue } from './value-codec.js';

/*
 * A key with what is stored, in a snapshot, in a backup and in memory: key text, value text, createRevision u53,
 * modRevision u53, version u53. A text is its length in bytes as a u32, then its UTF-8 bytes.
 */

/** A key as it is stored. */
export interface KeyRecord {
  readonly key: string;
  /** The JSON text as it was given, in UTF-8. */
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Number of writes since the key was created, from 1. */
  readonly version: number;
}

/**
 * Reads one record.
 *
 * @param revision - Of the store that it was written from.
 * @returns Its value is a view of the input: whoever keeps it copies it.
 * @throws MalformedBytesError when it cannot be a key of that store.
 */
export function readKeyRecord(reader: ByteReader, revision: number): KeyRecord {
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
