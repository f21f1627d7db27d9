import { describe, expect, it } from '@jest/globals';
import { durableState, entriesOfTerms, message, snapshotMetadata } from '../support/raft-builders.js';
import { leadingNode } from '../support/leading-node.js';
import { TestNode } from '../support/raft-node.js';

/** Readiness rests on it: a node that catches up must not look as if it had. */
describe('the lag of a node', () => {
  it('counts what the leader has committed, also what has not arrived yet', () => {
    const node = new TestNode('a', { durable: durableState({ entries: [] }) });
    const entries = entriesOfTerms([1, 1]);
    node.step(message('b->a', 1, 'appendEntries', { prevLogIndex: 0, prevLogTerm: 0, entries, leaderCommit: 900 }));
    expect([node.state.commitIndex, node.state.lagEntries]).toEqual([2, 898]);
  });

  it('is known of a leader whose entries do not fit yet', () => {
    const node = new TestNode('a', { durable: durableState({ entries: [] }) });
    node.step(
      message('b->a', 1, 'appendEntries', { prevLogIndex: 500, prevLogTerm: 1, entries: [], leaderCommit: 500 }),
    );
    expect(node.state.lagEntries).toBe(500);
  });

  it('is at least that of the snapshot which is on its way', () => {
    const node = new TestNode('a', { durable: durableState({ entries: [] }) });
    const snapshot = snapshotMetadata(700, 1, { chunkCount: 2 });
    node.step(message('b->a', 1, 'installSnapshot', { snapshot, chunk: 0, data: Uint8Array.of(1) }));
    expect(node.state.lagEntries).toBe(700);
  });

  it('is nothing once all of it is applied', () => {
    const node = leadingNode();
    node.settle();
    expect(node.state.lagEntries).toBe(0);
  });
});
