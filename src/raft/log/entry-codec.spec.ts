import { describe, expect, it } from '@jest/globals';
import { ByteWriter, MalformedBytesError } from '../../lib/bytes.js';
import type { Entry } from '../types.js';
import { decodeEntries, encodeEntries, entryFormatVersion, writeEntriesBlock } from './entry-codec.js';

const noop: Entry = { index: 7, term: 2, kind: 'noop', timeMs: 50, proposal: null, data: new Uint8Array(0) };
const command: Entry = {
  index: 8,
  term: 3,
  kind: 'command',
  timeMs: 60,
  proposal: { origin: 'nöde.1', sequence: 9_007_199_254_740_991 },
  data: Uint8Array.of(0, 255, 128),
};
const configuration: Entry = { ...noop, index: 9, term: 3, kind: 'configuration', timeMs: 60, data: Uint8Array.of(1) };

/** The bytes with one of them changed. */
function changed(bytes: Uint8Array, position: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[position] = value;
  return copy;
}

describe('entries as bytes', () => {
  it.each([{ entries: [] }, { entries: [noop] }, { entries: [noop, command, configuration] }])(
    'read back as they were: $entries.length entries',
    ({ entries }) => {
      expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
    },
  );

  it.each([{ entries: [] }, { entries: [noop] }, { entries: [noop, command, configuration, command] }])(
    'make the same block in a message: $entries.length entries',
    ({ entries }) => {
      const writer = new ByteWriter(1).u8(7);
      writeEntriesBlock(writer, entries);
      expect(writer.take()).toEqual(new ByteWriter().u8(7).block(encodeEntries(entries)).take());
    },
  );

  it('large data and names of proposers that are not ASCII read back as they were', () => {
    const large = {
      ...command,
      data: new Uint8Array(100_000).fill(7),
      proposal: { origin: 'é'.repeat(500), sequence: 1 },
    };
    expect(decodeEntries(encodeEntries([large]))).toEqual([large]);
  });

  it('every cut is malformed, and so is anything that follows', () => {
    const bytes = encodeEntries([noop, command]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeEntries(bytes.subarray(0, length))).toThrow(MalformedBytesError);
    }
    expect(() => decodeEntries(Uint8Array.of(...bytes, 0))).toThrow(MalformedBytesError);
  });

  it('another version is named in the error', () => {
    const bytes = changed(encodeEntries([noop]), 0, 9);
    expect(() => decodeEntries(bytes)).toThrow(`entries have format 9, this program reads ${entryFormatVersion}`);
  });

  it('an unknown kind, an index of 0, and terms or times that go back are malformed', () => {
    expect(() => decodeEntries(changed(encodeEntries([noop]), 13, 3))).toThrow(MalformedBytesError);
    expect(() => decodeEntries(encodeEntries([{ ...noop, index: 0 }]))).toThrow(MalformedBytesError);
    expect(() => decodeEntries(encodeEntries([command, { ...configuration, term: 2 }]))).toThrow(MalformedBytesError);
    expect(() => decodeEntries(encodeEntries([command, { ...configuration, timeMs: 59 }]))).toThrow(
      MalformedBytesError,
    );
  });
});
