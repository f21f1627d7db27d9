import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoopCluster } from '../../test/support/loop-cluster.js';
import type { LoopNode } from '../../test/support/loop-cluster.js';
import { instanceOf, members, message } from '../../test/support/raft-builders.js';
import type { Divergence, Message, MessageType, NodeId } from '../raft/index.js';
import { CorruptStateError } from './consensus.errors.js';

/** Ticks between two comparisons. */
const interval = 5;

let cluster: LoopCluster;

beforeEach(() => {
  cluster = found('a b c');
});

/** A cluster that a leads. */
function found(voters: string, learners = '', ticks = interval): LoopCluster {
  const made = new LoopCluster(members(voters, learners), ticks);
  made.elect('a');
  return made;
}

/** Writes four commands, of which the third has another effect on some nodes. */
function write(...flawed: NodeId[]): void {
  const { lastIndex } = cluster.leader.core.state.log;
  for (const id of flawed) {
    cluster.node(id).stateMachine.flawedIndex = lastIndex + 3;
  }
  cluster.leader.propose('p', 'q', 'r', 's');
  cluster.deliver();
}

function lose(...types: MessageType[]): void {
  cluster.passes = ({ type }) => !types.includes(type);
}

function alarmsOf(node: LoopNode): string[] {
  return node.loop.comparison.alarms.findings.divergences.map(
    (each) => `${each.members.map(({ id }) => id).join(' ')}${each.majorityChecksum === null ? ', no majority' : ''}`,
  );
}

describe('members whose states are equal', () => {
  it('are found so, on every node, and nothing else happens', () => {
    cluster = found('a b c', 'd');
    write();
    cluster.run(2 * interval);
    const { commitIndex } = cluster.leader.core.state;
    for (const node of cluster.nodes.values()) {
      expect(node.loop.comparison.alarms.findings).toEqual({ comparedIndex: commitIndex, divergences: [] });
    }
    expect(cluster.stopped).toEqual([]);
  });

  it('are not all compared while one is silent', () => {
    write();
    cluster.passes = ({ from }) => from !== 'c';
    cluster.run(2 * interval);
    expect(cluster.leader.loop.comparison.alarms.findings).toEqual({ comparedIndex: 0, divergences: [] });
  });

  it('are compared while writes go on: who is behind answers when it is there', () => {
    cluster.passes = ({ type, to }) => type !== 'appendEntries' || to !== 'c';
    write();
    const { commitIndex } = cluster.leader.core.state;
    cluster.run(interval);
    const answered = (): Message[] =>
      cluster.sent.filter(({ type, from }) => type === 'compareStateResponse' && from === 'c');
    expect(answered()).toEqual([]);
    cluster.passes = () => true;
    write();
    cluster.run(2);
    expect(answered()).toMatchObject([{ index: commitIndex, checksum: expect.stringContaining('=s') }]);
    expect(cluster.leader.loop.comparison.alarms.comparedIndex).toBe(commitIndex);
  });

  it('are not compared where the interval is 0', () => {
    cluster = found('a b c', '', 0);
    write('c');
    cluster.run(10 * interval);
    expect(cluster.sent.filter(({ type }) => type === 'compareState')).toEqual([]);
    expect(cluster.stopped).toEqual([]);
  });
});

describe('a member whose state is not that of a majority', () => {
  it('stops and says why, the others go on and know of it', () => {
    write('c');
    const index = cluster.leader.core.state.commitIndex;
    cluster.run(interval);
    expect(cluster.stopped).toEqual(['c']);
    expect(cluster.node('c').failure).toBeInstanceOf(CorruptStateError);
    expect(String(cluster.node('c').failure)).toMatch(
      new RegExp(`at index ${index} its checksum is .*flawed.*, a majority of the voters has .*=r .*replace the node`),
    );
    cluster.run(3 * interval);
    for (const id of ['a', 'b']) {
      expect(alarmsOf(cluster.node(id))).toEqual(['c']);
      // Told once, however often it is found.
      expect(cluster.node(id).effects.alarms).toMatchObject([{ index, members: [{ id: 'c', instanceId: 'c1' }] }]);
    }
    write();
    expect(cluster.node('a').stateMachine.checksum()).toBe(cluster.node('b').stateMachine.checksum());
  });

  it('stops as a learner too', () => {
    cluster = found('a b c', 'd');
    write('d');
    cluster.run(interval);
    expect([cluster.stopped, alarmsOf(cluster.leader)]).toEqual([['d'], ['d']]);
  });

  it('stops beside another one that is odd in its own way', () => {
    cluster = found('a b c d e');
    write('b', 'd');
    cluster.node('d').stateMachine.texts.push('more');
    cluster.run(interval);
    expect([cluster.stopped, alarmsOf(cluster.leader)]).toEqual([['b', 'd'], ['b d']]);
  });

  it('is told again at the next comparison where it was not reached', () => {
    lose('stateDiverged');
    write('c');
    cluster.run(interval);
    expect([cluster.stopped, alarmsOf(cluster.leader)]).toEqual([[], ['c']]);
    cluster.passes = () => true;
    cluster.run(interval);
    expect(cluster.stopped).toEqual(['c']);
  });

  it('stops as the leader after it has told the others, who go on with the alarm', () => {
    write('a');
    cluster.run(interval);
    expect(cluster.stopped).toEqual([]);
    expect([alarmsOf(cluster.node('b')), alarmsOf(cluster.node('c'))]).toEqual([['a'], ['a']]);
    cluster.run(cluster.leader.core.state.config.heartbeatIntervalTicks);
    expect(cluster.stopped).toEqual(['a']);
    expect(String(cluster.node('a').failure)).toContain('flawed');
    cluster.run(100);
    expect(['b', 'c']).toContain(cluster.leader.id);
    expect(alarmsOf(cluster.leader)).toEqual(['a']);
    expect(cluster.stopped).toEqual(['a']);
  });

  it('is no alarm any more once it is equal again after a restart', () => {
    write('c');
    cluster.run(interval);
    cluster.restart('c');
    cluster.run(2 * interval);
    expect(cluster.stopped).toEqual([]);
    for (const node of cluster.nodes.values()) {
      expect(alarmsOf(node)).toEqual([]);
    }
    expect([cluster.node('a').effects.ended, cluster.node('b').effects.ended]).toEqual([['c'], ['c']]);
  });

  it('is no alarm any more once another instance has its place', () => {
    write('c');
    cluster.run(interval);
    const member = { id: 'c', instanceId: 'c2', httpAddr: 'c:80', raftAddr: 'c:90', promote: true };
    const caller = { resolve: () => undefined, reject: () => undefined };
    cluster.leader.loop.proposals.add({ kind: 'change', change: { kind: 'join', member, replace: true } }, caller, 1e9);
    cluster.leader.take({ type: 'flush' });
    cluster.deliver();
    expect(alarmsOf(cluster.leader)).toEqual([]);
    cluster.run(2 * interval);
    expect(cluster.leader.effects.ended).toEqual(['c']);
    expect(alarmsOf(cluster.node('b'))).toEqual([]);
  });
});

describe('states that differ without a majority', () => {
  it('are an alarm and stop nobody, two against two', () => {
    cluster = found('a b c d');
    write('c', 'd');
    cluster.run(3 * interval);
    expect(cluster.stopped).toEqual([]);
    for (const node of cluster.nodes.values()) {
      expect(alarmsOf(node)).toEqual(['a b c d, no majority']);
      expect(node.effects.alarms).toHaveLength(1);
    }
    const [divergence] = cluster.leader.loop.comparison.alarms.findings.divergences;
    expect(divergence?.ageMs).toBe(2 * interval * 100);
  });

  it('are an alarm and stop nobody while the third is silent, and stop the odd one once it answers', () => {
    write('c');
    cluster.passes = ({ type, from }) => type !== 'compareStateResponse' || from !== 'b';
    cluster.run(interval);
    // What b has may still make a majority.
    expect(alarmsOf(cluster.leader)).toEqual([]);
    cluster.run(interval);
    expect([cluster.stopped, alarmsOf(cluster.leader)]).toEqual([[], ['a c, no majority']]);
    cluster.passes = () => true;
    cluster.run(interval);
    expect([cluster.stopped, alarmsOf(cluster.leader)]).toEqual([['c'], ['c']]);
  });

  it('are no alarm any more once they are equal', () => {
    cluster = found('a b c d');
    write('c', 'd');
    cluster.run(2 * interval);
    cluster.node('c').stateMachine.texts.splice(0, Infinity, ...cluster.node('a').stateMachine.texts);
    cluster.node('d').stateMachine.texts.splice(0, Infinity, ...cluster.node('a').stateMachine.texts);
    cluster.run(2 * interval);
    expect([...cluster.nodes.values()].map(alarmsOf)).toEqual([[], [], [], []]);
  });
});

describe('what came late or is not meant', () => {
  /** Lets a hear that b has another state, as the answer to the question of that round and index. */
  function answer(given: { round?: number; index?: number; term?: number; instance?: string; from?: string[] }): void {
    const question = cluster.sent.filter(({ type }) => type === 'compareState').at(-1);
    const { round, index, term } = question as Extract<Message, { type: 'compareState' }>;
    const content = { round: given.round ?? round, index: given.index ?? index, checksum: 'other' };
    for (const from of given.from ?? ['b', 'c']) {
      const fromInstance = given.instance ?? instanceOf(from);
      const late = message(`${from}->a`, given.term ?? term, 'compareStateResponse', { ...content, fromInstance });
      cluster.node('a').take({ type: 'message', message: late });
    }
  }

  it('is no answer: of another round, index, term or instance', () => {
    lose('compareStateResponse');
    write();
    cluster.run(interval);
    answer({ round: 0 });
    answer({ round: 2 });
    answer({ index: 0 });
    answer({ term: 0 });
    answer({ instance: 'wiped' });
    cluster.run(interval);
    expect([alarmsOf(cluster.leader), cluster.stopped]).toEqual([[], []]);
    // The same as an answer that counts.
    answer({});
    expect(alarmsOf(cluster.leader)).toEqual(['a']);
  });

  it('is no question: one that is not later than the last', () => {
    write();
    cluster.run(interval);
    const questions = cluster.sent.filter(({ type, to }) => type === 'compareState' && to === 'b');
    const answers = (): number =>
      cluster.sent.filter(({ type, from }) => type === 'compareStateResponse' && from === 'b').length;
    cluster.node('b').take({ type: 'message', message: questions.at(-1) ?? message('a->b', 1, 'compareState') });
    expect([questions.length, answers()]).toEqual([1, 1]);
  });

  it('stops nobody: a finding of another round or index than what was taken', () => {
    write('c');
    lose('stateDiverged');
    cluster.run(interval);
    const told = cluster.sent.filter(({ type, to }) => type === 'stateDiverged' && to === 'c').at(-1);
    const { round, term, divergence } = told as Extract<Message, { type: 'stateDiverged' }>;
    const tell = (content: { round?: number; divergence?: Divergence }): void => {
      cluster
        .node('c')
        .take({ type: 'message', message: message('a->c', term, 'stateDiverged', { round, divergence, ...content }) });
    };
    tell({ round: round + 1 });
    tell({ round: round - 1 });
    tell({ divergence: { ...divergence, index: divergence.index - 1 } });
    tell({ divergence: { ...divergence, majorityChecksum: null } });
    tell({ divergence: { ...divergence, majorityChecksum: cluster.node('c').stateMachine.checksum() } });
    expect(cluster.stopped).toEqual([]);
    tell({});
    expect(cluster.stopped).toEqual(['c']);
  });

  it('stops nobody: a finding after a restart, of what was not taken since', () => {
    write('c');
    lose('stateDiverged');
    cluster.run(interval);
    const told = cluster.sent.filter(({ type, to }) => type === 'stateDiverged' && to === 'c').at(-1);
    const restarted = cluster.restart('c');
    cluster.run(1);
    restarted.take({ type: 'message', message: told ?? message('a->c', 1, 'stateDiverged') });
    expect(cluster.stopped).toEqual([]);
    expect(alarmsOf(restarted)).toEqual(['c']);
  });

  it('is no comparison: one whose leader was deposed', () => {
    lose('compareStateResponse');
    write();
    cluster.run(interval);
    const leader = cluster.node('a');
    answer({ from: ['b'] });
    leader.take({ type: 'message', message: message('b->a', 7, 'heartbeat') });
    answer({ term: 7 });
    leader.tick(interval);
    expect(alarmsOf(leader)).toEqual([]);
    expect(leader.failure).toBeNull();
  });
});
