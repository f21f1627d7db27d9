import { decodeText, MalformedBytesError } from '../lib/bytes.js';
import type { ByteReader } from '../lib/bytes.js';

/** Longest id of a node, instance or cluster, in bytes of UTF-8. */
export const nameBytesMax = 256;

/** Longest address, in bytes. */
export const addressBytesMax = 512;

/** Longest origin of a proposal: an instance id and a boot number. */
export const originBytesMax = 512;

/**
 * Reads a text that may be empty.
 *
 * @throws MalformedBytesError when it is longer than `bytesMax` or not UTF-8.
 */
export function readText(reader: ByteReader, bytesMax: number): string {
  const bytes = reader.block();
  if (bytes.length > bytesMax) {
    throw new MalformedBytesError(`a text has ${bytes.length} bytes, at most ${bytesMax} are allowed`);
  }
  return decodeText(bytes);
}

/**
 * Reads the name of a node, an instance, a cluster or an origin.
 *
 * @throws MalformedBytesError when it is empty, longer than `bytesMax` or not UTF-8.
 */
export function readName(reader: ByteReader, bytesMax = nameBytesMax): string {
  const name = readText(reader, bytesMax);
  if (name === '') {
    throw new MalformedBytesError('a name is empty');
  }
  return name;
}
