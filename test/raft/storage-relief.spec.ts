import { describe, expect, it } from '@jest/globals';
import { leadingNode } from '../support/leading-node.js';
import { durableState, electionTicks, members, message, timeoutTicks } from '../support/raft-builders.js';
import { TestNode } from '../support/raft-node.js';

/** The leader a of a, b and c, heard by all, its opening entry committed and its disk at rest. */
function leader(): TestNode {
  const node = leadingNode({ durable: durableState({ configuration: members('a b c') }) });
  node.tick(8);
  hear(node, 'b', 1);
  hear(node, 'c', 1);
  node.takeMessages();
  return node;
}

function hear(node: TestNode, from: string, matchIndex: number): void {
  node.step(message(`${from}->a`, 1, 'appendEntriesResponse', { matchIndex }));
}

/** The leader's disk stands still from here on; it appends `x`, which `storedBy` make durable. */
function stall(node: TestNode, ...storedBy: readonly string[]): void {
  node.isManual = true;
  node.propose('x');
  for (const from of storedBy) {
    hear(node, from, 2);
  }
  node.takeMessages();
}

/** Lets `ticks` ticks pass one by one, the followers heard in each. @returns Who was told to take over. */
function pass(node: TestNode, ticks: number): string[] {
  for (let passed = 0; passed < ticks; passed += 1) {
    node.step(message('b->a', 1, 'heartbeatResponse'), message('c->a', 1, 'heartbeatResponse'));
    node.tick();
  }
  return node.says().filter((line) => line.includes('TimeoutNow'));
}

describe('a leader whose storage stalls', () => {
  it('hands over after an election timeout where the others commit without it, to who stores most', () => {
    const node = leader();
    stall(node, 'b', 'c');
    node.propose('y');
    hear(node, 'c', 3);
    node.takeMessages();
    expect([node.state.commitIndex, pass(node, electionTicks - 1)]).toEqual([2, []]);
    expect(pass(node, 1)).toEqual(['a->c TimeoutNow term=1']);
  });

  it('goes on with its heartbeats meanwhile', () => {
    const node = leader();
    stall(node, 'b', 'c');
    node.tick(2);
    expect(node.says().filter((line) => line.startsWith('a->b Heartbeat'))).toHaveLength(1);
  });

  it('steps down where the transfer comes to nothing', () => {
    const node = leader();
    stall(node, 'b', 'c');
    pass(node, 2 * electionTicks - 1);
    expect(node.state.isLeader).toBe(true);
    pass(node, 1);
    expect([node.state.role, node.state.currentTerm]).toEqual(['follower', 1]);
  });

  it('stays where the others store no more than it does', () => {
    const node = leader();
    stall(node, 'b');
    node.persist();
    node.propose('y');
    expect(pass(node, 4 * electionTicks)).toEqual([]);
    expect(node.state.isLeader).toBe(true);
  });

  it('stays once its storage is back in time', () => {
    const node = leader();
    stall(node, 'b', 'c');
    pass(node, electionTicks - 1);
    node.settle();
    expect(pass(node, electionTicks)).toEqual([]);
  });
});

describe('a node whose storage stalls', () => {
  /** b follows a of term 1 and was given an entry that its disk does not finish. */
  function follower(): TestNode {
    const node = new TestNode('b', { durable: durableState({ configuration: members('a b c') }), isManual: true });
    node.step(message('a->b', 1, 'heartbeat'));
    return node;
  }

  it('does not campaign before its storage is back', () => {
    const node = follower();
    node.tick(timeoutTicks);
    expect([node.state.role, node.state.currentTerm]).toEqual(['follower', 1]);
    node.settle();
    node.tick(timeoutTicks);
    expect(node.state.role).toBe('preCandidate');
  });

  it('does not take over', () => {
    const node = follower();
    node.tick(electionTicks);
    node.step(message('a->b', 1, 'timeoutNow'));
    expect(node.state.role).toBe('follower');
    node.settle();
    node.step(message('a->b', 1, 'timeoutNow'));
    expect(node.state.role).toBe('candidate');
  });
});

describe('a leader whose storage is full', () => {
  function noteFull(node: TestNode): void {
    node.input((core) => {
      core.noteStorage(true);
    });
  }

  it('hands over to a voter with room', () => {
    const node = leader();
    hear(node, 'b', 1);
    noteFull(node);
    expect(pass(node, 1)).toEqual(['a->b TimeoutNow term=1']);
  });

  it('asks again only some election timeouts after a transfer that came to nothing', () => {
    const node = leader();
    noteFull(node);
    pass(node, 1);
    expect(pass(node, 5 * electionTicks - 1)).toEqual([]);
    expect(pass(node, 1)).toHaveLength(1);
  });

  it('stays where the others with room are no quorum', () => {
    const node = leader();
    noteFull(node);
    node.step(message('b->a', 1, 'heartbeatResponse', { storageFull: true }));
    node.tick();
    expect(node.says().filter((line) => line.includes('TimeoutNow'))).toEqual([]);
  });

  it('stays where the only voter that was heard yet is full too', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c d e') }) });
    node.tick(8);
    node.step(message('b->a', 1, 'heartbeatResponse', { storageFull: true }));
    hear(node, 'b', 1);
    noteFull(node);
    node.takeMessages();
    node.tick();
    expect([node.state.isLeader, node.says().filter((line) => line.includes('TimeoutNow'))]).toEqual([true, []]);
  });

  it('leaves out a voter that is full too', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c d e') }) });
    for (const from of ['b', 'c', 'd', 'e']) {
      node.step(message(`${from}->a`, 1, 'heartbeatResponse', { storageFull: from === 'b' }));
      hear(node, from, 1);
    }
    noteFull(node);
    node.takeMessages();
    node.tick();
    expect(node.says().filter((line) => line.includes('TimeoutNow'))).toEqual(['a->c TimeoutNow term=1']);
  });
});
