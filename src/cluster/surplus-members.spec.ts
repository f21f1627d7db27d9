import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../raft/index.js';
import type { Member } from '../raft/index.js';
import { isSurplus, nextSurplusStep, parseMemberCount } from './surplus-members.js';
import type { SurplusStep } from './surplus-members.js';

function member(id: string, changes: Partial<Member> = {}): Member {
  const addresses = { httpAddr: `${id}.test:8091`, raftAddr: `${id}.test:8089` };
  return { id, instanceId: `i-${id}`, ...addresses, role: 'voter', promote: true, ...changes };
}

const five = ['db-0', 'db-1', 'db-2', 'db-3', 'db-4'].map((id) => member(id));

interface Changes {
  readonly nodeId?: string;
  readonly members?: readonly Member[];
  readonly sick?: readonly string[];
  readonly configurationIndex?: number;
  /** Who stores most. */
  readonly ahead?: string;
}

function step(count: number, changes: Changes = {}): SurplusStep {
  const { nodeId = 'db-0', members = five, sick = [], configurationIndex = 7, ahead = '' } = changes;
  const configuration = new Configuration([...members]);
  const progress = members.map(({ id }) => ({
    ...{ id, lastContactMs: 20, healthy: !sick.includes(id), matchIndex: id === ahead ? 9 : 8 },
  }));
  return nextSurplusStep({ status: { nodeId, configuration, configurationIndex, commitIndex: 9 }, progress, count });
}

it.each([
  ['3', 3],
  [' 5\n', 5],
  ['99', 99],
  ['0', null],
  ['100', null],
  ['03', null],
  ['', null],
  ['3 5', null],
  ['three', null],
])('the number in %j', (text, expected) => {
  expect(parseMemberCount(text)).toBe(expected);
});

it('surplus are those that are called alike and have an ordinal at or above the number', () => {
  const surplus = (nodeId: string): string[] =>
    ['db-2', 'db-3', 'db-x', 'db', 'other-9', 'db-read-9'].filter((id) => isSurplus(id, { nodeId, count: 3 }));
  expect(surplus('db-0')).toEqual(['db-3']);
  expect(surplus('db')).toEqual([]);
  expect(surplus('other-1')).toEqual(['other-9']);
});

describe('the leader', () => {
  it('has nothing to do where nobody is too many', () => {
    expect(step(5)).toEqual({ kind: 'none' });
    expect(step(9)).toEqual({ kind: 'none' });
    expect(step(3, { nodeId: 'db' })).toEqual({ kind: 'none' });
  });

  it('removes the highest ordinal, by number and not by letters, also one that it does not hear', () => {
    expect(step(3)).toEqual({ kind: 'remove', id: 'db-4' });
    expect(step(3, { members: five.slice(0, 4), sick: ['db-3'] })).toEqual({ kind: 'remove', id: 'db-3' });
    const many = [...five, member('db-10'), member('db-9')];
    expect(step(3, { members: many })).toEqual({ kind: 'remove', id: 'db-10' });
  });

  it('leaves itself to the last, and hands over to the voter that stays and stores most', () => {
    expect(step(3, { nodeId: 'db-4' })).toEqual({ kind: 'remove', id: 'db-3' });
    const rest = [...five.slice(0, 3), member('db-4')];
    expect(step(3, { nodeId: 'db-4', members: rest, ahead: 'db-1' })).toEqual({ kind: 'handOver', to: 'db-1' });
    const sick = ['db-1'];
    expect(step(3, { nodeId: 'db-4', members: rest, ahead: 'db-1', sick })).toEqual({ kind: 'handOver', to: 'db-0' });
    const none = { kind: 'wait', reason: 'no healthy voter that stays can lead' };
    expect(step(1, { nodeId: 'db-4', members: [member('db-0'), member('db-4')], sick: ['db-0'] })).toEqual(none);
  });

  it('waits while the members change, and while one that stays is not promoted', () => {
    const reason = 'another change of the members is in progress';
    expect(step(3, { configurationIndex: 10 })).toEqual({ kind: 'wait', reason });
    const learner = member('db-1', { role: 'learner' });
    const members = [...five.filter(({ id }) => id !== 'db-1'), learner];
    expect(step(3, { members })).toEqual({ kind: 'wait', reason: 'db-1 is not promoted yet' });
    const leaving = [...five.slice(0, 4), member('db-4', { role: 'learner' })];
    expect(step(3, { members: leaving })).toEqual({ kind: 'remove', id: 'db-4' });
  });
});
