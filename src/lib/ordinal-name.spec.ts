import { expect, it } from '@jest/globals';
import { parseOrdinalName } from './ordinal-name.js';

it.each([
  ['raftdb-3', { family: 'raftdb', ordinal: 3 }],
  ['my-raftdb-10', { family: 'my-raftdb', ordinal: 10 }],
  ['raftdb-0', { family: 'raftdb', ordinal: 0 }],
  ['node03', null],
  ['raftdb-03', null],
  ['raftdb-', null],
  ['-3', null],
  ['raftdb-3a', null],
  ['raftdb-1234567', null],
])('the ordinal of %s', (name, expected) => {
  expect(parseOrdinalName(name)).toEqual(expected);
});
