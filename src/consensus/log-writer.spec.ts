import { describe, expect, it } from '@jest/globals';
import type { LogWrite } from '../ports/log-store.port.js';
import type { CoreWrite, Entry, HardState, Message } from '../raft/index.js';
import { LogWriter } from './log-writer.js';

function entry(index: number, term = 1): Entry {
  return { index, term, kind: 'command', timeMs: 0, proposal: null, data: new Uint8Array(10) };
}

function note(round: number): Message {
  return { type: 'heartbeat', from: 'a', fromInstance: 'i', to: 'b', term: 1, leaderCommit: 0, round };
}

function write(sequence: number, content: Partial<CoreWrite> = {}): CoreWrite {
  return { sequence, reset: null, entries: [], hardState: null, messagesAfter: [], ...content };
}

function newWriter(batchBytesMax = 10_000): { writer: LogWriter; started: LogWrite[] } {
  const started: LogWrite[] = [];
  return { writer: new LogWriter((each) => started.push(each), batchBytesMax), started };
}

describe('LogWriter', () => {
  it('starts one write and makes everything that arrives meanwhile the next', () => {
    const { writer, started } = newWriter();
    writer.add(write(1, { entries: [entry(1)] }));
    writer.add(write(2, { entries: [entry(2)] }));
    writer.add(write(3, { entries: [entry(3)] }));
    expect(started.map((each) => each.entries.map(({ index }) => index))).toEqual([[1]]);
    expect(writer.complete().sequence).toBe(1);
    expect(started.map((each) => each.entries.map(({ index }) => index))).toEqual([[1], [2, 3]]);
    expect(writer.complete().sequence).toBe(3);
    expect(writer.isIdle).toBe(true);
  });

  it('lets messages wait for the writes before them, in order', () => {
    const { writer } = newWriter();
    writer.add(write(1, { entries: [entry(1)], messagesAfter: [note(1)] }));
    expect(writer.add(write(2, { messagesAfter: [note(2)] }))).toBeNull();
    const completed = writer.complete();
    expect(completed.messages).toEqual([note(1), note(2)]);
    expect(completed.sequence).toBe(2);
  });

  it('sends messages at once where nothing is before them', () => {
    const { writer, started } = newWriter();
    expect(writer.add(write(1, { messagesAfter: [note(1)] }))).toEqual({ sequence: 1, messages: [note(1)] });
    expect(started).toEqual([]);
  });

  it('keeps messages behind a write that waits', () => {
    const { writer } = newWriter();
    writer.add(write(1, { entries: [entry(1)] }));
    writer.add(write(2, { entries: [entry(2)] }));
    writer.add(write(3, { messagesAfter: [note(3)] }));
    expect(writer.complete().messages).toEqual([]);
    expect(writer.complete().messages).toEqual([note(3)]);
  });

  it('puts what replaces the tail in its place, and keeps the last hard state', () => {
    const { writer, started } = newWriter();
    const first: HardState = { currentTerm: 2, votedFor: null, commitIndex: 0 };
    const last: HardState = { currentTerm: 3, votedFor: 'b', commitIndex: 1 };
    writer.add(write(1, { entries: [entry(1)] }));
    writer.add(write(2, { entries: [entry(2), entry(3)], hardState: first }));
    writer.add(write(3, { entries: [entry(3, 3)], hardState: last }));
    writer.complete();
    expect(started[1]?.entries.map(({ index, term }) => [index, term])).toEqual([
      [2, 1],
      [3, 3],
    ]);
    expect(started[1]?.hardState).toEqual(last);
  });

  it('forgets entries that a reset replaces in the same write', () => {
    const { writer, started } = newWriter();
    writer.add(write(1, { entries: [entry(1)] }));
    writer.add(write(2, { entries: [entry(2)] }));
    writer.add(write(3, { reset: { index: 9, term: 4 } }));
    writer.add(write(4, { entries: [entry(10, 4)] }));
    writer.complete();
    expect(started[1]?.reset).toEqual({ index: 9, term: 4 });
    expect(started[1]?.entries.map(({ index }) => index)).toEqual([10]);
  });

  it('cuts what waits into writes of a limited size', () => {
    const { writer, started } = newWriter(100);
    writer.add(write(1, { entries: [entry(1)] }));
    for (let index = 2; index <= 6; index += 1) {
      writer.add(write(index, { entries: [entry(index)] }));
    }
    writer.complete();
    writer.complete();
    expect(started.map((each) => each.entries.length)).toEqual([1, 2, 2]);
  });
});
