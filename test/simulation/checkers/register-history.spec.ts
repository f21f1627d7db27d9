import { describe, expect, test } from '@jest/globals';
import type { WriteRecord } from './client-history.js';
import { RegisterHistory } from './register-history.js';

/** A write of the key k between two moments. */
function write(id: string, startMs: number, endMs: number | null): WriteRecord {
  return { id, startMs, endMs, floor: 0, effects: [], outcome: endMs === null ? 'unknown' : 'acknowledged' };
}

function check(writes: readonly WriteRecord[], reads: readonly (readonly [string, number, number])[]): () => void {
  const history = new RegisterHistory();
  for (const { id } of writes) {
    history.noteWrite(id, ['k']);
  }
  for (const [writeId, startMs, endMs] of reads) {
    history.noteRead({ key: 'k', writeId, startMs, endMs });
  }
  return () => {
    history.check(new Map(writes.map((record) => [record.id, record])));
  };
}

describe('what clients see of one key', () => {
  test('is right when reads show the latest write, or one of those under way', () => {
    const writes = [write('a', 0, 10), write('b', 20, 30), write('c', 25, null)];
    const reads = [
      ['a', 5, 12],
      ['a', 21, 28],
      ['b', 22, 40],
      ['c', 50, 60],
    ] as const;
    expect(check(writes, reads)).not.toThrow();
  });

  test('is wrong when a read shows what a finished write had replaced', () => {
    expect(check([write('a', 0, 10), write('b', 20, 30)], [['a', 31, 40]])).toThrow('b had replaced it');
  });

  test('is wrong when a read shows what is asked for after it', () => {
    expect(check([write('a', 50, 60)], [['a', 10, 20]])).toThrow('which began later');
  });

  test('is wrong when a read goes back behind an earlier read, though nobody knows how that write ended', () => {
    const writes = [write('a', 0, 10), write('b', 20, null)];
    const reads = [
      ['b', 30, 40],
      ['a', 50, 60],
    ] as const;
    expect(check(writes, reads)).toThrow('b had replaced it');
  });
});
