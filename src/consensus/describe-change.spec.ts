import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../raft/index.js';
import type { Member, StatusChange } from '../raft/index.js';
import { describeChange, isRoutine } from './describe-change.js';

function member(id: string, changes: Partial<Member> = {}): Member {
  const addresses = { httpAddr: `${id}.test:8091`, raftAddr: `${id}.test:8089` };
  return { id, instanceId: `i-${id}`, ...addresses, role: 'voter', promote: true, ...changes };
}

const two = new Configuration([member('n1'), member('n2')]);

function status(changes: Partial<StatusChange> = {}): StatusChange {
  return { role: 'follower', reason: 'leaderHeard', term: 4, leaderId: 'n2', configuration: two, ...changes };
}

describe('a change of roles', () => {
  it.each<[string, StatusChange | null, StatusChange, string]>([
    ['a start', null, status({ reason: 'started', leaderId: null }), 'role follower in term 4, leader: nobody known'],
    ['another leader', status({ leaderId: null }), status(), 'role follower in term 4, leader: n2'],
    [
      'an election',
      status({ role: 'candidate', reason: 'leaderMissed' }),
      status({ role: 'leader', reason: 'leaderMissed', leaderId: 'n1' }),
      'role leader in term 4, leader: n1: no leader was heard for an election timeout',
    ],
    [
      'an election of the only voter',
      null,
      status({
        role: 'leader',
        reason: 'leaderMissed',
        leaderId: 'n1',
        configuration: new Configuration([member('n1'), member('n2', { role: 'learner' })]),
      }),
      'role leader in term 4, leader: n1: it is the only voter',
    ],
    [
      'a hand-over',
      status(),
      status({ role: 'leader', reason: 'leaderAsked', leaderId: 'n1' }),
      'role leader in term 4, leader: n1: the former leader handed over to it',
    ],
    [
      'a leader that steps down',
      status({ role: 'leader', leaderId: 'n1' }),
      status({ reason: 'quorumMissed', leaderId: null }),
      'role follower in term 4, leader: nobody known: no quorum was heard for an election timeout',
    ],
  ])('%s says why', (_what, before, after, line) => {
    expect(describeChange(before, after)[0]).toBe(line);
  });

  it('is routine where a leader is sought and not found, and nothing else happens', () => {
    const seeking = status({ role: 'preCandidate', reason: 'leaderMissed', leaderId: null });
    const refused = status({ reason: 'notElected', leaderId: null });
    expect(isRoutine(seeking, refused)).toBe(true);
    expect(isRoutine(refused, seeking)).toBe(true);
    expect(isRoutine(status(), seeking)).toBe(false);
    expect(isRoutine(seeking, status())).toBe(false);
    expect(isRoutine(status({ role: 'leader', leaderId: 'n1' }), refused)).toBe(false);
    expect(isRoutine(seeking, { ...refused, configuration: new Configuration([member('n1')]) })).toBe(false);
  });

  it('says nothing where only the term changed', () => {
    expect(describeChange(status(), status({ term: 5 }))).toEqual([]);
  });
});

describe('a change of the members', () => {
  const learner = { role: 'learner' } as const;
  it.each<[string, readonly Member[], readonly Member[]]>([
    ['n3 joined at n3.test:8091, as a learner until it has caught up', [], [member('n3', learner)]],
    ['n3 joined at n3.test:8091, as a learner for good', [], [member('n3', { ...learner, promote: false })]],
    ['n3 was promoted to a voter: it has caught up', [member('n3', learner)], [member('n3')]],
    ['the promotion of n3 was taken back', [member('n3')], [member('n3', learner)]],
    ['n3 was removed', [member('n3')], []],
    ['n3 moved to n3.new:8091', [member('n3')], [member('n3', { httpAddr: 'n3.new:8091' })]],
    [
      'n3 was replaced by another instance, as a learner until it has caught up',
      [member('n3')],
      [member('n3', { ...learner, instanceId: 'other' })],
    ],
    [
      'n3 was replaced by whichever instance comes next, as a learner until it has caught up',
      [member('n3')],
      [member('n3', { ...learner, instanceId: '' })],
    ],
    [
      'n3 came for the place that was kept for it',
      [member('n3', { ...learner, instanceId: '' })],
      [member('n3', learner)],
    ],
  ])('%s', (line, before, after) => {
    const was = status({ configuration: new Configuration([...two.members, ...before]) });
    const lines = describeChange(was, status({ configuration: new Configuration([...two.members, ...after]) }));
    expect(lines).toEqual([line, expect.stringMatching(/^members are now n1 \(voter\), n2 \(voter\)/)]);
  });
});
