import { describe, expect, it } from '@jest/globals';
import { encodeText } from '../../src/lib/bytes.js';
import type { Message, Proposal } from '../../src/raft/index.js';
import { leadingNode } from '../support/leading-node.js';
import { durableState, electionTicks, members, message } from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import { TestNode } from '../support/raft-node.js';

/** The leader a of three, its opening entry committed by b. */
function readyLeader(configuration = members('a b c')): TestNode {
  const node = leadingNode({ durable: durableState({ configuration }) });
  for (const id of configuration.voterIds.slice(1, configuration.quorumSize)) {
    node.step(message(`${id}->a`, 1, 'appendEntriesResponse', { matchIndex: 1 }));
  }
  node.takeMessages();
  return node;
}

function ack(from: string, round: number, durableIndex = 1): Message {
  return message(`${from}->a`, 1, 'heartbeatResponse', { round, durableIndex });
}

describe('reads by read index', () => {
  it('§6.4 a read is answered when a majority answered a heartbeat that was sent after it came', () => {
    const leader = readyLeader(members('a b c d e'));
    leader.read();
    expect(leader.says()).toEqual([]);

    leader.step(ack('b', 1), ack('c', 1));
    expect(leader.readOutcomes).toEqual([]);
    expect(leader.says().filter((line) => line.includes('round=2'))).toHaveLength(4);
    leader.step(ack('b', 2), ack('b', 2));
    expect(leader.readOutcomes).toEqual([]);
    leader.step(ack('c', 2));
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);
  });

  it('§6.4 reads that wait share one round, and one that comes during it waits for the next', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.read();
    leader.read();
    leader.takeMessages();
    leader.step(ack('b', 2));
    expect(leader.readOutcomes.map((outcome) => outcome.ids)).toEqual([[1]]);
    expect(leader.says()).toEqual(['a->b Heartbeat term=1 round=3 commit=1', 'a->c Heartbeat term=1 round=3 commit=0']);

    leader.step(ack('b', 3));
    expect(leader.readOutcomes.map((outcome) => outcome.ids)).toEqual([[1], [2]]);
  });

  it('§6.4 the number of a round is never used again, not even in another term', () => {
    const leader = readyLeader();
    leader.tick(2);
    leader.tick(2);
    const before = leader.state.round;
    leader.step(message('b->a', 2, 'heartbeat'));
    leader.timeout();
    leader.step(message('b->a', 3, 'requestVoteResponse', { preVote: true }));
    leader.step(message('b->a', 3, 'requestVoteResponse'));
    expect(leader.state).toMatchObject({ role: 'leader', currentTerm: 3, round: before + 1 });
  });

  it('§6.4 an answer to an earlier round confirms nothing that came after it', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.read();
    leader.step(ack('c', 1));
    expect(leader.readOutcomes).toEqual([]);
  });

  it('§6.4 a lost round is made good by the next periodic heartbeat', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.read();
    leader.tick(2);
    leader.step(ack('c', 3, 0));
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);
  });

  it('§6.4 before an entry of the own term is committed no read gets an index', () => {
    const leader = leadingNode({ durable: durableState({ terms: [1, 1], currentTerm: 1, commitIndex: 1 }) });
    leader.read();
    leader.step(message('b->a', 2, 'heartbeatResponse', { round: 1, durableIndex: 2 }));
    leader.step(message('b->a', 2, 'heartbeatResponse', { round: 2, durableIndex: 2 }));
    expect(leader.readOutcomes).toEqual([]);

    leader.step(message('b->a', 2, 'appendEntriesResponse', { matchIndex: 3 }));
    leader.step(message('b->a', 2, 'heartbeatResponse', { round: 2, durableIndex: 3 }));
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 3 }]);
  });

  it('§6.4 the read index is the commit index of when the read came', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.read();
    leader.propose('x');
    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }), ack('b', 2, 2));
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);
  });

  it('§6.4 a leader that is deposed answers its waiting reads with nothing', () => {
    const leader = readyLeader(members('a b c d e'));
    leader.read();
    leader.step(message('c->a', 1, 'readIndexRequest', { batch: 7 }));
    leader.takeMessages();
    leader.step(message('b->a', 2, 'heartbeat'));

    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: null }]);
    expect(leader.says()).toContain('a->c ReadIndexResponse term=1 batch=7 notLeader');
  });

  it('§6.4 a leader that lost its quorum confirms no read', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.cut('a');
    cluster.node('a').read();
    cluster.run(3 * electionTicks);
    expect(cluster.node('a').readOutcomes).toEqual([{ ids: [1], readIndex: null }]);
  });

  it('a leader that is alone answers at once, and reads that came too early with its first commit', () => {
    const node = new TestNode('a', { durable: durableState({ configuration: members('a') }), isManual: true });
    node.timeout();
    node.persist();
    expect(node.state.role).toBe('leader');
    node.read();
    node.settle();
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);

    node.read();
    expect(node.readOutcomes.at(-1)).toEqual({ ids: [2], readIndex: 1 });
  });

  it('reads that wait when the members shrink to one are answered', () => {
    const leader = readyLeader(members('a b'));
    leader.read();
    leader.change({ kind: 'remove', id: 'b' });
    leader.tick(2);
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);
  });

  it('§6.4.1 a read of kind contact needs no round while a quorum was heard within T of its heartbeat', () => {
    const leader = readyLeader();
    leader.tick(2);
    leader.step(ack('b', 2));
    leader.tick(electionTicks - 1);
    leader.read('contact');
    expect(leader.readOutcomes).toEqual([{ ids: [1], readIndex: 1 }]);

    leader.step(ack('b', 2));
    leader.tick();
    leader.read('contact');
    expect(leader.readOutcomes).toHaveLength(1);
  });
});

describe('forwarded reads', () => {
  it('§6.4 a follower asks its leader and gets the index', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.node('a').propose('x');
    cluster.stabilize();
    cluster.node('b').read();
    cluster.stabilize();
    expect(cluster.node('b').readOutcomes).toEqual([{ ids: [1], readIndex: 2 }]);
  });

  const question = { batch: 7, confirmation: 'quorum' } as const;
  const answers = (leader: TestNode): readonly string[] =>
    leader.says().filter((line) => line.includes('ReadIndexResponse'));

  it.each(['a b', 'a b c'])(
    'where the asker and the leader are a majority (%s) the question proves the leadership',
    (voters) => {
      const leader = readyLeader(members(voters));
      leader.step(ack('b', 1));
      leader.step(message('b->a', 1, 'readIndexRequest', question));
      expect(leader.says()).toEqual(['a->b ReadIndexResponse term=1 batch=7 index=1']);
    },
  );

  it('a question of an earlier term is a proof as well: its sender was in no later one', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.step(message('b->a', 0, 'readIndexRequest', question));
    expect(leader.says()).toEqual(['a->b ReadIndexResponse term=1 batch=7 index=1']);
  });

  it('§5.1 a question of a later term ends the leadership that it asks for', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.step(message('b->a', 2, 'readIndexRequest', question));
    expect(leader.state.role).toBe('follower');
    expect(leader.says()).toEqual(['a->b ReadIndexResponse term=2 batch=7 notLeader']);
  });

  it('who has voted in a later term asks nobody in the one before', () => {
    const node = new TestNode('a', { durable: durableState({ configuration: members('a b c'), currentTerm: 1 }) });
    node.step(message('b->a', 1, 'heartbeat'));
    node.tick(electionTicks);
    node.takeMessages();
    node.step(message('c->a', 2, 'requestVote', { lastLogIndex: 1, lastLogTerm: 1 }));
    node.read();
    expect(node.says()).toEqual(['a->c RequestVoteResponse term=2 granted']);
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: null }]);
  });

  it('§6.4 a question that comes before an entry of the own term is committed waits for that and for a round', () => {
    const leader = leadingNode({ durable: durableState({ configuration: members('a b c') }) });
    leader.step(message('b->a', 1, 'readIndexRequest', question));
    expect(answers(leader)).toEqual([]);
    leader.step(message('c->a', 1, 'appendEntriesResponse', { matchIndex: 1 }), ack('c', 1));
    expect(answers(leader)).toEqual([]);
    leader.step(ack('c', 2));
    expect(answers(leader)).toEqual(['a->b ReadIndexResponse term=1 batch=7 index=1']);
  });

  it.each([
    ['comes from one of four voters', members('a b c d'), 'b', {}],
    ['comes from a learner', members('a b c', 'd'), 'd', {}],
    ['comes from another data directory', members('a b c'), 'b', { fromInstance: 'wiped' }],
  ])('§6.4 a question that %s is no proof', (_which, configuration, asker, from) => {
    const leader = readyLeader(configuration);
    leader.step(ack(asker, 1));
    leader.step(message(`${asker}->a`, 1, 'readIndexRequest', { ...question, ...from }));
    expect(answers(leader)).toEqual([]);
    // The round that was under way, and the one that the question waits for.
    for (const round of [1, 2]) {
      leader.step(...configuration.voterIds.slice(1, configuration.quorumSize).map((id) => ack(id, round)));
    }
    expect(answers(leader)).toHaveLength(1);
  });

  it('§6.4 a question of a voter that lost what it had stored is no proof', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1));
    leader.tick(2);
    leader.step(ack('b', 2, 0));
    leader.step(message('b->a', 1, 'readIndexRequest', question));
    expect(answers(leader)).toEqual([]);
  });

  it('§6.4 a question of a voter that has answered no heartbeat of the term is no proof', () => {
    const leader = readyLeader();
    leader.step(message('b->a', 1, 'readIndexRequest', question));
    expect(answers(leader)).toEqual([]);
  });

  it('§6.4 a leader that leaves is not counted with the asker', () => {
    const leader = readyLeader();
    leader.step(ack('b', 1), ack('c', 1));
    leader.change({ kind: 'remove', id: 'a' });
    expect(leader.says()).toContain('a->b AppendEntries term=1 prev=1:1 commit=1 [2:1 configuration b c]');
    leader.step(message('b->a', 1, 'readIndexRequest', question));
    expect(answers(leader)).toEqual([]);
  });

  it('§6.4 reads wait for one another: one question is under way at a time', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }) });
    node.step(message('b->a', 1, 'heartbeat'));
    node.takeMessages();
    [1, 2, 3].forEach(() => node.read());
    const [first, ...others] = node.takeMessages();
    expect(first).toMatchObject({ type: 'readIndexRequest', to: 'b', confirmation: 'quorum' });
    expect(others).toEqual([]);

    const batch = first?.type === 'readIndexRequest' ? first.batch : 0;
    node.step(message('b->a', 1, 'readIndexResponse', { batch, readIndex: 4 }));
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: 4 }]);
    expect(node.takeMessages()).toMatchObject([{ type: 'readIndexRequest', batch: batch + 1 }]);
  });

  it('§6.4 a question that got no answer is asked under a new number, and the old answer counts for nothing', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }) });
    node.step(message('b->a', 1, 'heartbeat'));
    node.read();
    const [first] = node.takeMessages().filter((each) => each.type === 'readIndexRequest');
    node.tick(4);
    const [second] = node.takeMessages().filter((each) => each.type === 'readIndexRequest');
    expect(second?.batch).not.toBe(first?.batch);

    node.step(message('b->a', 1, 'readIndexResponse', { batch: first?.batch ?? 0, readIndex: 3 }));
    expect(node.readOutcomes).toEqual([]);
    node.step(message('b->a', 1, 'readIndexResponse', { batch: second?.batch ?? 0, readIndex: 4 }));
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: 4 }]);
  });

  it('§6.4 numbers of questions do not come again after a restart', () => {
    const ask = (bootNumber: number): number => {
      const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }), config: { bootNumber } });
      node.step(message('b->a', 1, 'heartbeat'));
      node.read();
      const [request] = node.takeMessages().filter((each) => each.type === 'readIndexRequest');
      return request?.batch ?? 0;
    };
    expect(ask(2)).toBeGreaterThan(ask(1) + 1_000_000);
  });

  it('§6.4 a follower that loses its leader lets its reads go', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }) });
    node.step(message('b->a', 1, 'heartbeat'));
    node.read();
    node.step(message('c->a', 2, 'heartbeat'));
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: null }]);
  });

  it('without a leader a read is turned away at once; who does not lead says so', () => {
    const node = new TestNode('a');
    node.read();
    expect(node.readOutcomes).toEqual([{ ids: [1], readIndex: null }]);
    node.step(message('b->a', 0, 'readIndexRequest', { batch: 3 }));
    expect(node.says()).toEqual(['a->b ReadIndexResponse term=0 batch=3 notLeader']);
  });
});

describe('proposals', () => {
  const proposal = (sequence: number, origin = 'b1.1'): Proposal => ({
    id: { origin, sequence },
    data: encodeText('x'),
  });

  it('without a leader a proposal is refused', () => {
    const node = new TestNode('a');
    node.propose('x');
    expect(node.proposalOutcomes).toEqual([{ kind: 'refused', sequence: 1, reason: 'notLeader' }]);
  });

  it('a follower forwards; the leader answers where it stands', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.node('b').propose('x', 'y');
    cluster.stabilize();

    expect(cluster.node('b').proposalOutcomes).toEqual([
      { kind: 'forwarded', sequence: 1, term: 1 },
      { kind: 'forwarded', sequence: 2, term: 1 },
      { kind: 'accepted', sequence: 1, index: 2, term: 1 },
      { kind: 'accepted', sequence: 2, index: 3, term: 1 },
    ]);
    expect(cluster.node('c').applied).toEqual(['2=x', '3=y']);
  });

  it('a forwarded proposal is appended once, however often it comes; nothing is said about the copies', () => {
    const leader = readyLeader();
    const forward = message('b->a', 1, 'propose', { proposals: [proposal(1), proposal(2)] });
    leader.step(forward, forward, message('b->a', 1, 'propose', { proposals: [proposal(1)] }));

    expect(leader.state.log.lastIndex).toBe(3);
    expect(leader.takeMessages().filter((each) => each.type === 'proposeResponse')).toHaveLength(1);
    leader.step(message('b->a', 1, 'propose', { proposals: [proposal(2, 'b1.2')] }));
    expect(leader.state.log.lastIndex).toBe(4);
  });

  it('a refusal is final: a copy that comes when there is room is not appended', () => {
    const leader = readyLeader();
    leader.transfer('b');
    leader.step(message('c->a', 1, 'propose', { proposals: [proposal(1, 'c1.1')] }));
    expect(leader.says()).toContain('a->c ProposeResponse term=1 c1.1 [#1 transferring]');
    leader.step(ack('b', 1));
    leader.tick(electionTicks);
    leader.step(message('c->a', 1, 'propose', { proposals: [proposal(1, 'c1.1')] }));
    expect(leader.state).toMatchObject({ role: 'leader', transfer: null });
    expect(leader.state.log.lastIndex).toBe(1);
  });

  it('a deposed leader refuses for its own term, and says nothing about terms that it did not lead', () => {
    const node = readyLeader();
    node.step(message('c->a', 2, 'heartbeat'));
    node.takeMessages();
    node.step(message('b->a', 1, 'propose', { proposals: [proposal(1)] }));
    expect(node.says()).toEqual(['a->b ProposeResponse term=2 b1.1 [#1 notLeader]']);
    node.step(message('b->a', 2, 'propose', { proposals: [proposal(2)] }));
    expect(node.says()).toEqual([]);
    expect(node.state.log.lastIndex).toBe(1);
  });

  it('a leader of a later term does not append what was meant for an earlier one', () => {
    const leader = leadingNode({ durable: durableState({ terms: [1], currentTerm: 3 }) });
    leader.step(message('b->a', 3, 'propose', { proposals: [proposal(1)] }));
    expect(leader.state.log.lastIndex).toBe(2);
    expect(leader.says()).toEqual([]);
  });

  it('an answer that is meant for another process of this node is not taken', () => {
    const node = new TestNode('a', { config: { bootNumber: 2 } });
    const accepted = [{ sequence: 1, index: 4 }];
    node.step(message('b->a', 1, 'proposeResponse', { origin: 'a1.1', accepted }));
    expect(node.proposalOutcomes).toEqual([]);
    node.step(message('b->a', 1, 'proposeResponse', { origin: 'a1.2', accepted }));
    expect(node.proposalOutcomes).toEqual([{ kind: 'accepted', sequence: 1, index: 4, term: 1 }]);
  });

  it('a full log refuses proposals', () => {
    const leader = leadingNode({ config: { logBytesMax: 200 } });
    leader.propose('x'.repeat(100));
    leader.propose('y'.repeat(100));
    expect(leader.proposalOutcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'refused', reason: 'overloaded' }]);
  });

  it('the time of the log never goes back and stands still without a leader', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a').propose('x');
    cluster.stabilize();
    cluster.run(5);
    cluster.node('a').propose('y');
    cluster.stabilize();
    cluster.crash('a');
    cluster.elect('b').propose('z');
    const log = cluster.node('b').state.log;
    const times = [2, 3, 4, 5].map((index) => log.entry(index)?.timeMs);

    expect(times).toEqual([0, 500, 500, 500]);
  });
});
