import { describe, expect, it } from '@jest/globals';
import type { ComparisonFindings, ComparisonQuestion, ComparisonStep, Message } from '../../src/raft/index.js';
import { leadingNode } from '../support/leading-node.js';
import { durableState, members, message } from '../support/raft-builders.js';
import { TestNode } from '../support/raft-node.js';

const configuration = members('a b c', 'd');
const nothing: ComparisonFindings = { comparedIndex: 0, divergences: [] };
const divergence = {
  index: 4,
  majorityChecksum: 'x',
  members: [{ id: 'c', instanceId: 'c1', checksum: 'y' }],
  ageMs: 0,
};

function leader(): TestNode {
  return leadingNode({ durable: durableState({ configuration }) });
}

/** Node a, which follows b in term 1. */
function follower(): TestNode {
  const node = new TestNode('a', { durable: durableState({ configuration }) });
  node.step(message('b->a', 1, 'heartbeat'));
  node.takeMessages();
  return node;
}

function stepsOf(node: TestNode, given: Message): readonly ComparisonStep[] {
  return node.input((core) => {
    core.step(given);
  }).comparison;
}

function answer(node: TestNode, question: ComparisonQuestion): string[] {
  node.takeMessages();
  node.input((core) => {
    core.answerComparison(question, 'x');
  });
  return node.says();
}

describe('a leader that compares states', () => {
  it('asks and tells every other member, learners too', () => {
    const node = leader();
    node.input((core) => {
      core.compareState(3, 1, nothing);
      core.announceDivergence(3, divergence);
    });
    expect(node.says()).toEqual([
      ...['b', 'c', 'd'].map((to) => `a->${to} CompareState term=1 round=3 index=1`),
      ...['b', 'c', 'd'].map((to) => `a->${to} StateDiverged term=1 round=3 diverged=[index=4 majority=x c=y]`),
    ]);
  });

  it('hears the answers of its term, from members on the data that were admitted', () => {
    const node = leader();
    const given = { round: 3, index: 1, checksum: 'x' };
    expect(stepsOf(node, message('d->a', 1, 'compareStateResponse', given))).toEqual([
      { kind: 'answered', from: 'd', instanceId: 'd1', ...given },
    ]);
    expect(stepsOf(node, message('d->a', 1, 'compareStateResponse', { ...given, fromInstance: 'wiped' }))).toEqual([]);
    expect(stepsOf(node, message('e->a', 1, 'compareStateResponse', given))).toEqual([]);
    expect(stepsOf(node, message('d->a', 0, 'compareStateResponse', given))).toEqual([]);
  });

  it('hears no question and no finding of its own term', () => {
    const node = leader();
    expect(stepsOf(node, message('b->a', 1, 'compareState'))).toEqual([]);
    expect(stepsOf(node, message('b->a', 1, 'stateDiverged'))).toEqual([]);
  });
});

describe('a follower', () => {
  it('hears the question and the findings of the leader of its term', () => {
    const node = follower();
    expect(stepsOf(node, message('b->a', 1, 'compareState', { round: 2, index: 5 }))).toEqual([
      { kind: 'asked', question: { term: 1, leaderId: 'b', round: 2, index: 5 }, findings: nothing },
    ]);
    expect(stepsOf(node, message('b->a', 1, 'stateDiverged', { round: 2, divergence }))).toEqual([
      { kind: 'diverged', term: 1, round: 2, divergence },
    ]);
  });

  it('hears neither from anybody else, nor from a leader of another term', () => {
    const node = follower();
    expect(stepsOf(node, message('c->a', 1, 'compareState'))).toEqual([]);
    expect(stepsOf(node, message('c->a', 1, 'stateDiverged'))).toEqual([]);
    expect(stepsOf(node, message('b->a', 0, 'compareState'))).toEqual([]);
    expect(stepsOf(node, message('b->a', 0, 'stateDiverged'))).toEqual([]);
    expect(stepsOf(node, message('b->a', 1, 'compareStateResponse'))).toEqual([]);
    // Its term is taken over as that of every message; whether it leads, its entries and heartbeats must say.
    expect(stepsOf(node, message('b->a', 2, 'stateDiverged'))).toEqual([]);
    expect(node.state).toMatchObject({ currentTerm: 2, leaderId: null });
  });

  it('answers the leader that asked while it leads, and neither asks nor tells', () => {
    const node = follower();
    const question = { term: 1, leaderId: 'b', round: 2, index: 5 };
    expect(answer(node, question)).toEqual(['a->b CompareStateResponse term=1 round=2 index=5 checksum=x']);
    node.input((core) => {
      core.compareState(1, 1, nothing);
      core.announceDivergence(1, divergence);
    });
    expect(node.says()).toEqual([]);
    node.step(message('b->a', 2, 'heartbeat'));
    expect(answer(node, question)).toEqual([]);
    node.step(message('c->a', 3, 'heartbeat'));
    expect(answer(node, { ...question, term: 3 })).toEqual([]);
  });
});
