import { describe, expect, it } from '@jest/globals';
import { formatConfiguration } from '../../src/raft/index.js';
import type { JoinRequest, MembershipChange } from '../../src/raft/index.js';
import { leadingNode } from '../support/leading-node.js';
import {
  command,
  configurationEntry,
  durableState,
  electionTicks,
  instanceOf,
  members,
  message,
  nothingStored,
} from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import { TestNode } from '../support/raft-node.js';

function join(id: string, request: Partial<JoinRequest> = {}, replace = false): MembershipChange {
  const member = { id, instanceId: instanceOf(id), httpAddr: `${id}:80`, raftAddr: `${id}:90`, promote: true };
  return { kind: 'join', member: { ...member, ...request }, replace };
}

function membersOf(node: TestNode): string {
  return formatConfiguration(node.state.configuration);
}

/** The leader a of the given members, the opening entry of its term committed. */
function readyLeader(configuration = members('a b c')): TestNode {
  const node = leadingNode({ durable: durableState({ configuration }) });
  for (const id of configuration.voterIds.filter((voter) => voter !== 'a')) {
    node.step(message(`${id}->a`, 1, 'appendEntriesResponse', { matchIndex: 1 }));
  }
  node.takeMessages();
  return node;
}

describe('single-server changes', () => {
  it('§4.1 a configuration is in use as soon as it is appended, on the leader and on followers', () => {
    const leader = readyLeader();
    leader.change({ kind: 'remove', id: 'c' });
    expect(membersOf(leader)).toBe('a b');
    expect(leader.state.commitIndex).toBe(1);

    const follower = new TestNode('b');
    follower.step(message('a->b', 1, 'appendEntries', { entries: [configurationEntry(1, 1, members('a b'))] }));
    expect(membersOf(follower)).toBe('a b');
    expect(follower.state.commitIndex).toBe(0);
  });

  it('§4.1 a change is committed by a majority of the new members', () => {
    const leader = readyLeader(members('a b c d'));
    leader.change({ kind: 'remove', id: 'd' });
    leader.step(message('d->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(leader.state.commitIndex).toBe(1);

    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(leader.state.commitIndex).toBe(2);
  });

  it('§4.1 a second change waits until the first one is committed', () => {
    const leader = readyLeader();
    leader.change(join('d'));
    leader.change({ kind: 'remove', id: 'b' });
    expect(leader.proposalOutcomes).toMatchObject([
      { kind: 'accepted', index: 2 },
      { kind: 'refused', reason: 'changeInProgress' },
    ]);

    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    leader.change({ kind: 'remove', id: 'b' });
    expect(leader.proposalOutcomes.at(-1)).toMatchObject({ kind: 'accepted', index: 3 });
  });

  it('§4.1 (corrected 2015) no change before an entry of the own term is committed', () => {
    const leader = leadingNode();
    leader.change({ kind: 'remove', id: 'c' });
    expect(leader.proposalOutcomes).toMatchObject([{ kind: 'refused', reason: 'notReady' }]);
    expect(membersOf(leader)).toBe('a b c');
  });

  it('§4.1 a change that is cut off with its entry is taken back', () => {
    const node = new TestNode('b', { durable: durableState({ terms: [1] }) });
    const change = configurationEntry(2, 1, members('a b'));
    node.step(message('a->b', 1, 'appendEntries', { prevLogIndex: 1, prevLogTerm: 1, entries: [change] }));
    expect(membersOf(node)).toBe('a b');

    node.step(message('c->b', 2, 'appendEntries', { prevLogIndex: 1, prevLogTerm: 1, entries: [command(2, 2)] }));
    expect(membersOf(node)).toBe('a b c');
  });

  it('§4.1 after a restart the latest configuration of the log is in use, committed or not', () => {
    const entries = [
      configurationEntry(1, 1, members('a b c d')),
      command(2, 1),
      configurationEntry(3, 1, members('a b c')),
    ];
    const node = new TestNode('a', {
      durable: durableState({ configuration: members('a b'), entries, commitIndex: 2 }),
    });
    expect(membersOf(node)).toBe('a b c');
  });

  it('§4.1 a change that contradicts the members is refused', () => {
    const leader = readyLeader(members('a', 'd'));
    leader.change(join('e', { raftAddr: 'd:90' }));
    leader.change(join('d', { instanceId: 'd2' }));
    leader.change({ kind: 'promote', id: 'd', instanceId: 'd2' });

    expect(leader.proposalOutcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.reason : ''))).toEqual(
      Array.from({ length: 3 }, () => 'conflict'),
    );
  });

  it('§4.1 a voter answers whoever asks, although its own members may lag', () => {
    const node = new TestNode('a', { durable: durableState({ configuration: members('a b') }) });
    node.step(message('z->a', 1, 'requestVote'));
    expect(node.says()).toEqual(['a->z RequestVoteResponse term=1 granted']);
  });

  it('§4.1 a node follows a leader that its own members do not name', () => {
    const node = new TestNode('d', { durable: nothingStored });
    node.step(message('a->d', 3, 'appendEntries', { entries: [configurationEntry(1, 3, members('a b c', 'd'))] }));
    expect(node.state.leaderId).toBe('a');
    expect(membersOf(node)).toBe('a b c (d)');
  });

  it('§4.2.2 a leader that removes itself leads until that is committed, does not count itself, then steps down', () => {
    const leader = readyLeader();
    leader.change({ kind: 'remove', id: 'a' });
    expect(leader.state).toMatchObject({ role: 'leader', commitIndex: 1 });
    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(leader.state).toMatchObject({ role: 'leader', commitIndex: 1 });
    leader.takeMessages();

    leader.step(message('c->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(leader.state).toMatchObject({ role: 'follower', leaderId: null, commitIndex: 2 });
    expect(leader.says().sort()).toEqual([
      'a->b Heartbeat term=1 round=0 commit=2',
      'a->c Heartbeat term=1 round=0 commit=2',
    ]);
  });

  it('§4.2.2 a node that its members do not name as a voter never campaigns', () => {
    for (const node of [
      new TestNode('d', { durable: durableState({ configuration: members('a b c') }) }),
      new TestNode('d', { durable: durableState({ configuration: members('a b c', 'd') }) }),
      new TestNode('d', { durable: nothingStored }),
    ]) {
      node.timeout();
      node.timeout();
      expect(node.state).toMatchObject({ role: 'follower', currentTerm: 0 });
      node.step(message('a->d', 0, 'heartbeat'), message('a->d', 0, 'timeoutNow'));
      expect(node.state.role).toBe('follower');
    }
  });

  it('§4.2.2 a node that an uncommitted change leaves out may campaign, and does not count itself', () => {
    const entries = [configurationEntry(1, 1, members('b c'))];
    const node = new TestNode('a', { durable: durableState({ configuration: members('a b c'), entries }) });
    node.timeout();
    node.step(message('b->a', 2, 'requestVoteResponse', { preVote: true }));
    expect(node.state.role).toBe('preCandidate');
    node.step(message('c->a', 2, 'requestVoteResponse', { preVote: true }));
    node.step(message('b->a', 2, 'requestVoteResponse'));
    expect(node.state.role).toBe('candidate');
    node.step(message('c->a', 2, 'requestVoteResponse'));
    expect(node.state.role).toBe('leader');

    node.step(message('b->a', 2, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.state.commitIndex).toBe(0);
    node.step(message('c->a', 2, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.state).toMatchObject({ role: 'follower', commitIndex: 2 });
  });

  it('§4.2.3 a removed node does not disturb the others', () => {
    const cluster = new RaftCluster(['a', 'b', 'c', 'd']);
    cluster.elect('a');
    cluster.cut('d');
    cluster.node('a').change({ kind: 'remove', id: 'd' });
    cluster.stabilize();
    cluster.heal();
    cluster.run(100);

    expect(cluster.node('d').state.configuration.isVoter('d')).toBe(true);
    expect(cluster.leaders).toEqual(['a']);
    expect(['a', 'b', 'c', 'd'].map((id) => cluster.node(id).state.currentTerm)).toEqual([1, 1, 1, 1]);
  });
});

describe('learners', () => {
  it('§4.2.1 a learner gets the log and counts in no quorum', () => {
    const leader = readyLeader(members('a b c', 'd e'));
    leader.propose('x');
    leader.step(
      message('d->a', 1, 'appendEntriesResponse', { matchIndex: 2 }),
      message('e->a', 1, 'appendEntriesResponse', { matchIndex: 2 }),
    );
    expect(leader.state.progress.get('d')?.matchIndex).toBe(2);
    expect(leader.state.commitIndex).toBe(1);

    leader.read();
    leader.step(
      message('d->a', 1, 'heartbeatResponse', { round: 2, durableIndex: 2 }),
      message('e->a', 1, 'heartbeatResponse', { round: 2, durableIndex: 2 }),
    );
    expect(leader.readOutcomes).toEqual([]);
  });

  it('§4.2.1 a learner is not asked for votes', () => {
    const node = new TestNode('a', { durable: durableState({ configuration: members('a b c', 'd') }) });
    node.timeout();
    expect(node.takeMessages().map((each) => each.to)).toEqual(['b', 'c']);
  });

  it('a learner that hears no leader for an election timeout knows none, and holds no election', () => {
    const cluster = new RaftCluster(['a', 'b', 'c', 'd'], { configuration: members('a b c', 'd') });
    cluster.elect('a');
    const learner = cluster.node('d');
    expect(learner.state.leaderId).toBe('a');
    cluster.cut('a', 'b', 'c');
    learner.tick(2 * electionTicks);
    expect([learner.state.leaderId, learner.state.role, learner.takeMessages()]).toEqual([null, 'follower', []]);
  });

  it('§4.2.1 a joiner comes in as a learner, and is promoted once it has caught up', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a').propose('x', 'y');
    cluster.addEmpty('d');
    cluster.node('a').change(join('d'));
    expect(membersOf(cluster.node('a'))).toBe('a b c (d)');
    cluster.stabilize();
    expect(cluster.node('d').applied).toEqual(['2=x', '3=y']);

    cluster.run(3);
    for (const id of ['a', 'b', 'c', 'd']) {
      expect(membersOf(cluster.node(id))).toBe('a b c d');
    }
  });

  it('§4.2.1 a joiner that asked to stay a learner is not promoted', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.addEmpty('d');
    cluster.node('a').change(join('d', { promote: false }));
    cluster.run(electionTicks);
    expect(membersOf(cluster.node('a'))).toBe('a b c (d)');
  });

  it('§4.2.1 a learner that lags, or is not heard, is not promoted', () => {
    const leader = readyLeader(members('a b c', 'd'));
    leader.propose(...Array.from({ length: 12 }, (_, sequence) => `x${sequence}`));
    leader.step(
      message('b->a', 1, 'appendEntriesResponse', { matchIndex: 13 }),
      message('d->a', 1, 'appendEntriesResponse', { matchIndex: 2 }),
    );
    leader.tick();
    expect(membersOf(leader)).toBe('a b c (d)');

    leader.step(message('d->a', 1, 'appendEntriesResponse', { matchIndex: 13 }));
    leader.tick();
    expect(membersOf(leader)).toBe('a b c d');
  });

  it('a learner that never comes up holds nothing up', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a').change(join('d'));
    cluster.run(50);
    cluster.node('a').propose('x');
    cluster.stabilize();

    expect(cluster.node('b').applied).toEqual(['3=x']);
    expect(membersOf(cluster.node('a'))).toBe('a b c (d)');
  });
});

describe('instances', () => {
  it('a wiped disk under a known id neither elects, commits nor confirms', () => {
    const candidate = new TestNode('a');
    candidate.timeout();
    candidate.step(message('b->a', 1, 'requestVoteResponse', { preVote: true, fromInstance: 'b2' }));
    expect(candidate.state.role).toBe('preCandidate');
    candidate.step(message('c->a', 1, 'requestVoteResponse', { preVote: true }));
    candidate.step(message('b->a', 1, 'requestVoteResponse', { fromInstance: 'b2' }));
    expect(candidate.state.role).toBe('candidate');

    const leader = readyLeader();
    leader.propose('x');
    leader.read();
    leader.step(
      message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2, fromInstance: 'b2' }),
      message('b->a', 1, 'heartbeatResponse', { round: 9, durableIndex: 9, fromInstance: 'b2' }),
    );
    expect(leader.state.commitIndex).toBe(1);
    expect(leader.readOutcomes).toEqual([]);
  });

  it('a node on a wiped disk does not campaign under the id of the old one', () => {
    const node = new TestNode('a', { config: { instanceId: 'a2' } });
    node.timeout();
    expect(node.state).toMatchObject({ role: 'follower', currentTerm: 0 });
  });

  it('a voter that reports less than it acknowledged counts nowhere any more', () => {
    const leader = readyLeader();
    leader.tick(2);
    leader.step(message('b->a', 1, 'heartbeatResponse', { round: 2, durableIndex: 0 }));
    leader.propose('x');
    leader.read();
    leader.step(
      message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }),
      message('b->a', 1, 'heartbeatResponse', { round: 3, durableIndex: 2 }),
    );

    expect(leader.state.commitIndex).toBe(1);
    expect(leader.readOutcomes).toEqual([]);
  });

  it('a report from before the acknowledgement does not count as a wiped disk', () => {
    const leader = leadingNode();
    leader.step(
      message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }),
      message('b->a', 1, 'heartbeatResponse', { round: 1, durableIndex: 0 }),
    );
    expect(leader.state.progress.get('b')?.isWiped).toBe(false);
  });

  it('a learner that lost its log again is not promoted', () => {
    const leader = readyLeader(members('a b c', 'd'));
    leader.step(message('d->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    leader.input((core) => {
      core.readIndex([1], 'quorum');
    });
    leader.step(message('d->a', 1, 'heartbeatResponse', { round: 2, durableIndex: 0 }));
    leader.tick();
    expect(membersOf(leader)).toBe('a b c (d)');
  });

  it('a replacement under the same id starts with nothing, whatever its predecessor acknowledged', () => {
    const leader = readyLeader();
    leader.change(join('c', { instanceId: 'c2', httpAddr: 'new:80', raftAddr: 'new:90' }, true));
    expect(membersOf(leader)).toBe('a b (c)');
    expect(leader.state.progress.get('c')?.matchIndex).toBe(0);

    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    leader.step(message('c->a', 1, 'heartbeatResponse', { round: 9, durableIndex: 0, fromInstance: 'c2' }));
    leader.tick();
    expect(membersOf(leader)).toBe('a b (c)');
    leader.takeMessages();
    leader.step(message('c->a', 1, 'appendEntriesResponse', { success: false, prevLogIndex: 2, fromInstance: 'c2' }));
    expect(leader.says().filter((line) => line.startsWith('a->c'))).toEqual([
      'a->c AppendEntries term=1 prev=0:0 commit=2 [1:1 noop, 2:1 configuration a b (c)]',
    ]);
  });

  it('the same id and instance again updates the addresses and keeps the role', () => {
    const leader = readyLeader();
    leader.change(join('b', { httpAddr: 'new:80', raftAddr: 'new:90' }));
    expect(leader.state.configuration.member('b')).toMatchObject({ httpAddr: 'new:80', role: 'voter' });
    expect(leader.state.progress.get('b')?.matchIndex).toBe(1);
  });
});

describe('forwarded changes', () => {
  it('a follower forwards a change; the leader appends it once', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.node('b').change({ kind: 'remove', id: 'c' });
    const forwarded = cluster.take({ type: 'changeMembership' });
    cluster.node('a').step(...forwarded, ...forwarded);
    cluster.stabilize();

    expect(cluster.node('b').proposalOutcomes).toEqual([
      { kind: 'forwarded', sequence: 1, term: 1 },
      { kind: 'accepted', sequence: 1, index: 2, term: 1 },
    ]);
    expect(membersOf(cluster.node('b'))).toBe('a b');
  });

  it('without a leader a change is refused', () => {
    const node = new TestNode('a');
    node.change({ kind: 'remove', id: 'c' });
    expect(node.proposalOutcomes).toEqual([{ kind: 'refused', sequence: 1, reason: 'notLeader' }]);
  });
});
