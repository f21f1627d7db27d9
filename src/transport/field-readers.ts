import { MalformedBytesError } from '../lib/bytes.js';
import type { ByteReader } from '../lib/bytes.js';
import type { ProposalId } from '../raft/index.js';
import { originBytesMax, readName } from './bounded-text.js';

/**
 * States what a well-formed message fulfils.
 *
 * @throws MalformedBytesError when it does not.
 */
export function check(condition: boolean, rule: string): void {
  if (!condition) {
    throw new MalformedBytesError(`broken rule of a message: ${rule}`);
  }
}

/** Reads 0 or 1. */
export function readFlag(reader: ByteReader): boolean {
  const byte = reader.u8();
  check(byte <= 1, 'a flag is 0 or 1');
  return byte === 1;
}

/** Reads the position of one of `choices`. */
export function readChoice<T>(reader: ByteReader, choices: readonly T[]): T {
  const choice = choices[reader.u8()];
  if (choice === undefined) {
    throw new MalformedBytesError('broken rule of a message: a choice is a known one');
  }
  return choice;
}

/** Reads a count as u32, then as many items; the end of the bytes bounds them. */
export function readList<T>(reader: ByteReader, readItem: (reader: ByteReader) => T): T[] {
  const count = reader.u32();
  check(count <= reader.remaining, 'a list fits its message');
  const items: T[] = [];
  for (let position = 0; position < count; position += 1) {
    items.push(readItem(reader));
  }
  return items;
}

/** Reads the name of a proposal; its sequence counts from 1. */
export function readProposalId(reader: ByteReader): ProposalId {
  const origin = readName(reader, originBytesMax);
  const sequence = reader.u53();
  check(sequence >= 1, 'a sequence counts from 1');
  return { origin, sequence };
}
