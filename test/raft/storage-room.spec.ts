import { describe, expect, it } from '@jest/globals';
import { decodeText } from '../../src/lib/bytes.js';
import { leadingNode } from '../support/leading-node.js';
import { durableState, members, message } from '../support/raft-builders.js';
import type { TestNode } from '../support/raft-node.js';

const mayUseReserve = (command: Uint8Array): boolean => decodeText(command).startsWith('delete');

/** The leader a of a, b and c, its opening entry committed. */
function leader(): TestNode {
  const node = leadingNode({ config: { mayUseReserve }, durable: durableState({ configuration: members('a b c') }) });
  node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
  node.proposalOutcomes = [];
  return node;
}

function outcomes(node: TestNode, ...texts: readonly string[]): string[] {
  node.propose(...texts);
  return node.proposalOutcomes.splice(0).map((outcome) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind));
}

function noteStorage(node: TestNode, isFull: boolean): void {
  node.input((core) => {
    core.noteStorage(isFull);
  });
}

describe('with little storage free', () => {
  it('a leader takes what frees space and refuses the rest, until there is room again', () => {
    const node = leader();
    noteStorage(node, true);
    expect(outcomes(node, 'put', 'delete', 'put')).toEqual(['storageFull', 'accepted', 'storageFull']);
    noteStorage(node, false);
    expect(outcomes(node, 'put')).toEqual(['accepted']);
  });

  it('a leader refuses when the voters with room are no quorum', () => {
    const node = leader();
    node.step(message('b->a', 1, 'heartbeatResponse', { storageFull: true }));
    expect(outcomes(node, 'put')).toEqual(['accepted']);
    node.step(message('c->a', 1, 'heartbeatResponse', { storageFull: true }));
    expect(outcomes(node, 'put', 'delete')).toEqual(['storageFull', 'accepted']);
    node.step(message('c->a', 1, 'heartbeatResponse'));
    expect(outcomes(node, 'put')).toEqual(['accepted']);
  });

  it('a leader still changes the members', () => {
    const node = leader();
    noteStorage(node, true);
    node.change({ kind: 'remove', id: 'c' });
    expect(node.proposalOutcomes).toMatchObject([{ kind: 'accepted' }]);
  });

  it('a follower says so in its answers to heartbeats', () => {
    const node = leader();
    node.step(message('b->a', 2, 'heartbeat', { round: 1 }));
    node.takeMessages();
    noteStorage(node, true);
    node.step(message('b->a', 2, 'heartbeat', { round: 2 }));
    expect(node.says()).toEqual(['a->b HeartbeatResponse term=2 round=2 durable=1 storageFull']);
  });

  it('whoever forwards a proposal is told', () => {
    const node = leader();
    noteStorage(node, true);
    node.step(
      message('b->a', 1, 'propose', { proposals: [{ id: { origin: 'b1.1', sequence: 1 }, data: new Uint8Array() }] }),
    );
    expect(node.says().at(-1)).toContain('storageFull');
  });
});
