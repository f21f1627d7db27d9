import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryMessage, arbitraryMessages } from '../../test/transport/arbitrary-message.js';
import { ByteWriter, encodeText, MalformedBytesError } from '../lib/bytes.js';
import { Configuration } from '../raft/index.js';
import type { AppendEntries, ComparisonFindings, Divergence, Entry, InstallSnapshot, Message } from '../raft/index.js';
import { decodeMessage, encodeMessage, estimateBytes } from './message-codec.js';

const envelope = { from: 'node01', fromInstance: 'i1', to: 'node02', term: 5 };

const odd: Divergence = {
  index: 7,
  majorityChecksum: 'x',
  members: [{ id: 'node03', instanceId: 'i3', checksum: 'y' }],
  ageMs: 0,
};

function entry(index: number, term: number): Entry {
  return { index, term, kind: 'command', timeMs: 0, proposal: null, data: new Uint8Array([index]) };
}

function append(changes: Partial<AppendEntries>): AppendEntries {
  const base = { prevLogIndex: 7, prevLogTerm: 3, leaderCommit: 6, entries: [entry(8, 3), entry(9, 5)] };
  return { type: 'appendEntries', ...envelope, ...base, ...changes };
}

function install(changes: Partial<InstallSnapshot['snapshot']>, chunk = 0): InstallSnapshot {
  const snapshot = {
    lastIncludedIndex: 9,
    lastIncludedTerm: 4,
    lastIncludedTimeMs: 0,
    configuration: Configuration.empty,
    chunkCount: 2,
    byteCount: 10,
    ...changes,
  };
  return { type: 'installSnapshot', ...envelope, snapshot, chunk, data: new Uint8Array(3) };
}

describe('message codec', () => {
  it.each(Object.entries(arbitraryMessages))('reads back every %s', (_type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { numRuns: 200 },
    );
  });

  it('estimates the length of messages that are large', () => {
    const data = new Uint8Array(100_000);
    const entries = [8, 9].map((index) => ({ ...entry(index, 5), data }));
    const message = append({ entries });
    const bytes = encodeMessage(message).length;

    expect(estimateBytes(message)).toBeGreaterThanOrEqual(bytes);
    expect(estimateBytes(message)).toBeLessThan(bytes + 1000);
  });

  it('refuses every message that is cut short or has a byte too many', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        const bytes = encodeMessage(message);
        const lengths = [...bytes.keys()];
        expect(lengths.filter((length) => !isRefused(bytes.subarray(0, length)))).toEqual([]);
        expect(isRefused(new Uint8Array([...bytes, 0]))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  // The crc of the frame refuses changed bytes; whatever passes it may still never do worse than throw this error.
  it('reads changed bytes as a message of the same form or refuses them', () => {
    fc.assert(
      fc.property(arbitraryMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, position, mask) => {
        const bytes = encodeMessage(message);
        const changed = Uint8Array.from(bytes, (byte, at) => (at === position % bytes.length ? byte ^ mask : byte));
        expectMessageOrRefusal(changed);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads random bytes as a message or refuses them', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectMessageOrRefusal), { numRuns: 2000 });
  });

  it.each<[string, Message]>([
    ['entries that do not start after prevLogIndex', append({ prevLogIndex: 6 })],
    ['entries below prevLogIndex', append({ prevLogIndex: 2 ** 52 })],
    ['an entry of a later term than its message', append({ term: 4 })],
    ['an entry of an earlier term than the one before it', append({ prevLogTerm: 4 })],
    ['terms that go down', append({ entries: [entry(8, 5), entry(9, 3)] })],
    ['a previous term above the message', append({ entries: [], prevLogTerm: 6 })],
    ['a previous term without an entry', append({ entries: [], prevLogIndex: 0 })],
    ['AppendEntries of term 0', append({ entries: [], term: 0, prevLogIndex: 0, prevLogTerm: 0 })],
    ['an entry at index 0', append({ prevLogIndex: 0, prevLogTerm: 0, entries: [entry(0, 5)] })],
    ['a configuration that is none', append({ entries: [{ ...entry(8, 5), kind: 'configuration' }] })],
    [
      'a very long origin',
      append({ entries: [{ ...entry(8, 5), proposal: { origin: 'x'.repeat(600), sequence: 1 } }] }),
    ],
    ['a vote for a log that is ahead of its term', vote({ lastLogTerm: 6 })],
    ['a vote for an empty log with a term', vote({ lastLogIndex: 0 })],
    ['a snapshot of a later term', install({ lastIncludedTerm: 6 })],
    ['a snapshot of nothing', install({ lastIncludedIndex: 0 })],
    ['a snapshot without chunks', install({ chunkCount: 0 })],
    ['a chunk behind the last', install({}, 2)],
    ['a chunk that is longer than the whole', install({ byteCount: 2 })],
    ['a heartbeat of term 0', { type: 'heartbeat', ...envelope, term: 0, leaderCommit: 0, round: 1 }],
    ['a comparison of term 0', { type: 'compareState', ...envelope, term: 0, round: 1, index: 1, findings: found() }],
    [
      'a member in two divergences',
      { type: 'compareState', ...envelope, round: 1, index: 1, findings: found(odd, odd) },
    ],
    ['a finding of term 0', { type: 'stateDiverged', ...envelope, term: 0, round: 1, divergence: odd }],
    ['a divergence of nobody', { type: 'stateDiverged', ...envelope, round: 1, divergence: { ...odd, members: [] } }],
    [
      'a divergence of a member that is as the majority',
      { type: 'stateDiverged', ...envelope, round: 1, divergence: { ...odd, majorityChecksum: 'y' } },
    ],
    [
      'a very long checksum',
      { type: 'compareStateResponse', ...envelope, round: 1, index: 1, checksum: 'x'.repeat(65) },
    ],
    ['an empty checksum', { type: 'compareStateResponse', ...envelope, round: 1, index: 1, checksum: '' }],
    ['an empty name', { type: 'timeoutNow', ...envelope, from: '' }],
    ['a long name', { type: 'timeoutNow', ...envelope, to: 'x'.repeat(257) }],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeMessage(encodeMessage(message))).toThrow(MalformedBytesError);
  });

  it('refuses a number of 2^53', () => {
    const bytes = encodeMessage({ type: 'timeoutNow', ...envelope });
    bytes.set([0, 0x20, 0, 0, 0, 0, 0, 0], bytes.length - 8);

    expect(() => decodeMessage(bytes)).toThrow(MalformedBytesError);
  });

  it('refuses a list that claims more items than its message can hold', () => {
    const writer = new ByteWriter().u8(1).u8(11).text('a').text('b').text('c').u53(1).u32(0xffff_ffff);

    expect(() => decodeMessage(writer.finish())).toThrow(MalformedBytesError);
  });

  it('refuses a configuration that names a node twice', () => {
    const member = { instanceId: 'i', httpAddr: 'h:1', raftAddr: 'h:2', role: 'voter' as const, promote: true };
    const configuration = new Configuration([
      { id: 'node01', ...member },
      { id: 'node02', ...member },
    ]);
    const bytes = encodeMessage(install({ configuration }));
    const second = Buffer.from(bytes).lastIndexOf('node02');
    bytes.set(encodeText('node01'), second);

    expect(() => decodeMessage(bytes)).toThrow(MalformedBytesError);
  });

  it('refuses a newer form', () => {
    const bytes = encodeMessage({ type: 'timeoutNow', ...envelope });
    bytes[0] = 2;

    expect(() => decodeMessage(bytes)).toThrow('format 2');
  });
});

function found(...divergences: Divergence[]): ComparisonFindings {
  return { comparedIndex: 0, divergences };
}

function vote(changes: { lastLogIndex?: number; lastLogTerm?: number }): Message {
  const base = { preVote: false, lastLogIndex: 4, lastLogTerm: 4, leaderTransfer: false };
  return { type: 'requestVote', ...envelope, ...base, ...changes };
}

function expectMessageOrRefusal(bytes: Uint8Array): void {
  let message: Message;
  try {
    message = decodeMessage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedBytesError);
    return;
  }
  expect(decodeMessage(encodeMessage(message))).toEqual(message);
}

function isRefused(bytes: Uint8Array): boolean {
  try {
    decodeMessage(bytes);
    return false;
  } catch (error) {
    return error instanceof MalformedBytesError;
  }
}
