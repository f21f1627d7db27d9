import { describe, expect, test } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import type { Message } from '../../src/raft/index.js';
import { frameHeader } from '../../src/transport/frame-assembler.js';
import { encodeMessage } from '../../src/transport/message-codec.js';
import { message } from '../support/raft-builders.js';
import { checkOrder } from './durability-order.js';
import type { SystemCall } from './system-calls.js';

const walFile = '/data/log.db-wal';
const mark = 'mark-000001';

/** Calls follow each other; each takes a microsecond. */
function calls(...each: readonly Omit<SystemCall, 'startUs' | 'endUs'>[]): SystemCall[] {
  return each.map((call, position) => ({ ...call, startUs: position * 10, endUs: position * 10 + 1 }));
}

const write = { name: 'pwrite64', target: walFile, data: encodeText(`key ${mark}`) };
const sync = { name: 'fdatasync', target: walFile, data: new Uint8Array() };
const otherSync = { name: 'fsync', target: '/data/log.db', data: new Uint8Array() };
const answer = { name: 'writev', target: 'TCP:[a->b]', data: encodeText(`HTTP/1.1 200 OK\r\nx-request-id: ${mark}`) };
const idle = { name: 'read', target: 'TCP:[a->b]', data: new Uint8Array() };

function send(sent: Message): Omit<SystemCall, 'startUs' | 'endUs'> {
  const payload = encodeMessage(sent);
  return { name: 'write', target: 'TCP:[p->q]', data: new Uint8Array([...frameHeader(payload), ...payload]) };
}

const entry = {
  index: 5,
  term: 1,
  kind: 'command' as const,
  timeMs: 0,
  proposal: { origin: 'a1.1', sequence: 1 },
  data: encodeText(`put ${mark}`),
};
const append = send(message('a->b', 1, 'appendEntries', { prevLogIndex: 4, prevLogTerm: 1, entries: [entry] }));
const acknowledge = send(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 5 }));

function problems(a: readonly SystemCall[], b: readonly SystemCall[]): readonly string[] {
  return checkOrder(
    new Map([
      ['a', a],
      ['b', b],
    ]),
    2,
  ).problems;
}

describe('answers to clients', () => {
  test('are in order when the syncs of two nodes came before', () => {
    const report = checkOrder(
      new Map([
        ['a', calls(write, sync, idle, answer)],
        ['b', calls(write, sync)],
      ]),
      2,
    );
    expect([...report.answered]).toEqual([mark]);
    expect(report.problems).toEqual([]);
  });

  test.each<[string, SystemCall[], SystemCall[]]>([
    ['the answer precedes the sync', calls(write, idle, answer, sync), calls(write, sync)],
    ['one node never synced', calls(write, sync, idle, answer), calls(write)],
    ['a sync precedes what is written', calls(sync, write, idle, idle, answer), calls(write, sync)],
    ['another file was synced', calls(write, otherSync, idle, answer), calls(write, sync)],
    ['the other node synced later', calls(write, sync, answer), calls(idle, idle, write, sync)],
  ])('are out of order when %s', (_, a, b) => {
    expect(problems(a, b)).toEqual([`${mark} was answered with 1 durable copies`]);
  });
});

describe('acknowledgements', () => {
  test('are in order when what they cover was synced before', () => {
    expect(problems(calls(append), calls(write, sync, acknowledge))).toEqual([]);
  });

  test('are out of order when it was not', () => {
    expect(problems(calls(append), calls(write, acknowledge, sync))).toEqual([
      `b acknowledged 5 before ${mark} at 5 was durable`,
    ]);
  });
});
