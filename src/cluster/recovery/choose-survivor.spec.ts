import { expect, test } from '@jest/globals';
import { chooseSurvivor } from './choose-survivor.js';
import type { LogEnd } from './choose-survivor.js';

function end(id: string, lastTerm: number, lastIndex: number, voter = true): LogEnd {
  return { id, voter, lastTerm, lastIndex };
}

test.each<[string, readonly LogEnd[], string | null]>([
  ['nobody', [], null],
  ['the later term, though its log is shorter', [end('n1', 3, 90), end('n2', 4, 12)], 'n2'],
  ['the longer log of the same term', [end('n1', 4, 11), end('n2', 4, 12)], 'n2'],
  ['a learner whose log is longer', [end('n1', 4, 12, false), end('n2', 4, 11)], 'n1'],
  ['a voter where the logs end alike', [end('n1', 4, 12, false), end('n2', 4, 12)], 'n2'],
  ['the lower id among equals', [end('n3', 4, 12), end('n2', 4, 12)], 'n2'],
])('chooses %s', (_what, members, expected) => {
  expect(chooseSurvivor(members)?.id ?? null).toBe(expected);
  expect(chooseSurvivor([...members].reverse())?.id ?? null).toBe(expected);
});
