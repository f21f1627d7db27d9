import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Divergence, NodeId } from '../raft/index.js';
import { coreConfig, instanceOf, members } from '../../test/support/raft-builders.js';
import type { ChecksumAnswer } from './checksum-verdict.js';
import { DivergenceAlarms } from './divergence-alarms.js';

let alarms: DivergenceAlarms;
let told: string[];

beforeEach(() => {
  told = [];
  const state = { now: 1000, config: coreConfig('a'), configuration: members('a b c') };
  alarms = new DivergenceAlarms(
    { state },
    {
      raiseAlarm: (found) => told.push(`raised ${found.members.map(({ id }) => id).join(' ')}`),
      endAlarm: (ids) => told.push(`ended ${ids.join(' ')}`),
    },
  );
});

function divergence(...ids: NodeId[]): Divergence {
  const odd = ids.map((id) => ({ id, instanceId: instanceOf(id), checksum: 'odd' }));
  return { index: 7, majorityChecksum: 'right', members: odd, ageMs: 0 };
}

function answer(id: NodeId, checksum: string | null, instanceId = instanceOf(id)): ReadonlyMap<NodeId, ChecksumAnswer> {
  return new Map([[id, { instanceId, checksum }]]);
}

describe('an alarm', () => {
  beforeEach(() => {
    alarms.raise(divergence('c'));
    told = [];
  });

  it('ends once its member has what a majority has', () => {
    alarms.settle(answer('c', 'right'), 'right');
    expect(told).toEqual(['ended c']);
    expect(alarms.findings.divergences).toEqual([]);
  });

  it.each<[string, ReadonlyMap<NodeId, ChecksumAnswer>, string | null]>([
    ['its member still has something else', answer('c', 'odd'), 'right'],
    ['its member did not answer', answer('b', 'right'), 'right'],
    ['its member could not tell, and no majority agrees', answer('c', null), null],
    ['another instance answers in its place', answer('c', 'right', 'another disk'), 'right'],
  ])('goes on while %s', (_why, answers, majorityChecksum) => {
    alarms.settle(answers, majorityChecksum);
    expect(told).toEqual([]);
    expect(alarms.findings.divergences).toHaveLength(1);
  });

  it('is not raised again for the same members, and keeps its age', () => {
    alarms.adopt({ comparedIndex: 0, divergences: [] });
    alarms.raise({ ...divergence('c'), ageMs: 5000 });
    told = [];
    expect(alarms.raise(divergence('c')).ageMs).toBe(5000);
    expect(told).toEqual([]);
  });
});

describe('what the leader knows', () => {
  it('takes the place of what was known', () => {
    alarms.raise(divergence('b'));
    alarms.adopt({ comparedIndex: 9, divergences: [divergence('c')] });
    expect(told).toEqual(['raised b', 'ended b', 'raised c']);
  });

  it('never takes the compared index back', () => {
    alarms.adopt({ comparedIndex: 9, divergences: [] });
    alarms.adopt({ comparedIndex: 3, divergences: [] });
    expect(alarms.findings.comparedIndex).toBe(9);
  });
});
