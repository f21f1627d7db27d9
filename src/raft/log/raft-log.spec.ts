import { describe, expect, it } from '@jest/globals';
import type { SnapshotMetadata } from '../snapshot-metadata.js';
import type { Entry, LogIndex, Term } from '../types.js';
import { Configuration, encodeConfiguration } from '../membership/configuration.js';
import { RaftLog } from './raft-log.js';

function entry(index: LogIndex, term: Term, configuration?: Configuration): Entry {
  const kind = configuration === undefined ? 'command' : 'configuration';
  const data = configuration === undefined ? new Uint8Array(10) : encodeConfiguration(configuration);
  return { index, term, kind, timeMs: 0, proposal: null, data };
}

function entries(from: LogIndex, ...terms: Term[]): Entry[] {
  return terms.map((term, position) => entry(from + position, term));
}

function voters(...ids: string[]): Configuration {
  return new Configuration(
    ids.map((id) => ({ id, instanceId: id, httpAddr: id, raftAddr: id, role: 'voter' as const, promote: true })),
  );
}

function snapshot(index: LogIndex, term: Term, configuration = voters('a')): SnapshotMetadata {
  return {
    lastIncludedIndex: index,
    lastIncludedTerm: term,
    lastIncludedTimeMs: 0,
    configuration,
    chunkCount: 1,
    byteCount: 1,
  };
}

describe('RaftLog', () => {
  it('knows the term before its first entry, and none below or above', () => {
    const log = new RaftLog(snapshot(3, 2), entries(4, 2, 3));
    expect([2, 3, 4, 5, 6].map((index) => log.termAt(index))).toEqual([undefined, 2, 2, 3, undefined]);
    expect(log).toMatchObject({ firstIndex: 4, lastIndex: 5, lastTerm: 3, snapshotIndex: 3 });
  });

  it('an empty log ends in term 0', () => {
    const log = new RaftLog(null, []);
    expect(log).toMatchObject({ firstIndex: 1, lastIndex: 0, lastTerm: 0 });
    expect(log.matches({ index: 0, term: 0 })).toBe(true);
  });

  it.each([
    { position: { index: 9, term: 9 }, expected: 6 },
    { position: { index: 9, term: 3 }, expected: 5 },
    { position: { index: 6, term: 2 }, expected: 4 },
    { position: { index: 2, term: 2 }, expected: 2 },
    { position: { index: 6, term: 0 }, expected: 0 },
  ])('below $position the logs agree at $expected at best', ({ position, expected }) => {
    expect(new RaftLog(null, entries(1, 1, 1, 2, 2, 3, 5)).lastPossibleMatch(position)).toBe(expected);
  });

  it('slices by bytes, at least one entry', () => {
    const log = new RaftLog(null, entries(1, 1, 1, 1));
    const indexes = (bytesMax: number, last = 3): LogIndex[] =>
      log.slice(1, { last, bytesMax }).map((each) => each.index);
    expect(indexes(1)).toEqual([1]);
    expect(indexes(90)).toEqual([1, 2]);
    expect(indexes(1000)).toEqual([1, 2, 3]);
    expect(indexes(1000, 2)).toEqual([1, 2]);
  });

  it('counts the bytes that it holds through appending, cutting and compacting', () => {
    const log = new RaftLog(snapshot(0, 0), entries(1, 1, 1));
    const two = log.bytes;
    log.append(entry(3, 1));
    log.truncate(3);
    expect(log.bytes).toBe(two);
    log.noteSnapshot(snapshot(1, 1));
    expect(log.compact(1)).toBe(true);
    expect(log.bytes).toBe(two / 2);
    expect(log.compact(1)).toBe(false);
    log.append(entry(3, 1));
    log.truncate(3);
    expect(log.bytes).toBe(two / 2);
    log.noteSnapshot(snapshot(2, 1));
    log.compact(2);
    expect(log.bytes).toBe(0);
    log.append(entry(3, 1));
    expect(log.bytes).toBe(two / 2);
  });

  it('hands entries out for writing once, and anew after a cut', () => {
    const log = new RaftLog(null, []);
    entries(1, 1, 1, 1).forEach((each) => {
      log.append(each);
    });
    expect(log.takeUnwritten().entries).toHaveLength(3);
    log.writes.begin(3, 0);
    expect(log.takeUnwritten().entries).toHaveLength(0);
    log.truncate(2);
    log.append(entry(2, 2));
    expect(log.takeUnwritten().entries.map((each) => [each.index, each.term])).toEqual([[2, 2]]);
  });

  it('configurations come and go with their entries', () => {
    const log = new RaftLog(snapshot(0, 0), [entry(1, 1, voters('a', 'b')), entry(2, 1)]);
    log.append(entry(3, 1, voters('a', 'b', 'c')));
    expect(log.configuration.voterIds).toEqual(['a', 'b', 'c']);
    expect(log.configurationIndex).toBe(3);
    expect(log.configurationAsOf(2).voterIds).toEqual(['a', 'b']);
    log.truncate(2);
    expect(log.configuration.voterIds).toEqual(['a', 'b']);
    expect(log.configurationIndex).toBe(1);
  });

  it('a received snapshot keeps what follows its position, or replaces the log', () => {
    const kept = new RaftLog(null, entries(1, 1, 1, 1));
    kept.installSnapshot(snapshot(2, 1));
    expect(kept).toMatchObject({ lastIndex: 3, snapshotIndex: 2 });
    expect(kept.takeUnwritten().reset).toBeNull();

    const replaced = new RaftLog(null, entries(1, 1, 1, 1));
    replaced.installSnapshot(snapshot(2, 2, voters('x')));
    expect(replaced).toMatchObject({ firstIndex: 3, lastIndex: 2, lastTerm: 2 });
    expect(replaced.configuration.voterIds).toEqual(['x']);
    expect(replaced.takeUnwritten()).toEqual({ reset: { index: 2, term: 2 }, entries: [] });
    expect(replaced.takeUnwritten().reset).toBeNull();
  });

  it('a log that lacks the position of the snapshot is replaced by it at the start, an empty one too', () => {
    expect(new RaftLog(snapshot(5, 2), []).takeUnwritten().reset).toEqual({ index: 5, term: 2 });
    expect(new RaftLog(snapshot(5, 2), entries(1, 1, 1)).takeUnwritten().reset).toEqual({ index: 5, term: 2 });
    expect(new RaftLog(snapshot(5, 2), entries(6, 2)).takeUnwritten().reset).toBeNull();
    expect(new RaftLog(null, []).takeUnwritten().reset).toBeNull();
  });
});
