import { describe, expect, test } from '@jest/globals';
import {
  configurationEntry,
  durableState,
  electionTicks,
  entriesOfTerms,
  members,
  snapshotMetadata,
} from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import { TestNode } from '../support/raft-node.js';

/** Each is the shortest way to a bug that the simulator found. */
describe('what the simulator found', () => {
  test('a leader that its own uncommitted change leaves out campaigns again, or nobody could ever lead', () => {
    const cluster = new RaftCluster(['a', 'b'], { configuration: members('a b') });
    const leader = cluster.elect('a');
    cluster.cut('b');
    leader.change({ kind: 'remove', id: 'a' });
    cluster.crash('a');
    cluster.restart('a');
    cluster.heal();
    cluster.run(8 * electionTicks);
    expect(cluster.leaders).toEqual(['b']);
    expect(cluster.node('b').state.configuration.voterIds).toEqual(['b']);
  });

  test('a node that a committed change leaves out does not campaign', () => {
    const change = configurationEntry(1, 1, members('b c'));
    const uncommitted = new TestNode('a', { durable: durableState({ entries: [change] }) });
    const committed = new TestNode('a', { durable: durableState({ entries: [change], commitIndex: 1 }) });
    uncommitted.timeout();
    committed.timeout();
    expect(uncommitted.state.role).toBe('preCandidate');
    expect(committed.state.role).toBe('follower');
  });

  test('a node starts in the term of its snapshot when the crash came before that term was stored', () => {
    const durable = {
      hardState: { currentTerm: 2, votedFor: 'b', commitIndex: 3 },
      snapshot: snapshotMetadata(7, 4),
      entries: entriesOfTerms([1, 1, 2]),
    };
    const node = new TestNode('a', { durable });
    expect(node.state.currentTerm).toBe(4);
    expect(node.state.votedFor).toBeNull();
    expect(node.disk.hardState).toEqual({ currentTerm: 4, votedFor: null, commitIndex: 7 });
  });

  test('a follower that went silent in the middle of a snapshot does not keep the log from being compacted', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    cluster.cut('c');
    leader.propose('x=1', 'x=2');
    cluster.stabilize();
    leader.takeSnapshot(3);
    leader.compact(leader.state.log.snapshotIndex);
    cluster.heal();
    cluster.run(1);
    for (let step = 0; step < 20 && leader.state.progress.get('c')?.state !== 'snapshot'; step += 1) {
      leader.tick();
      cluster.deliver({ to: 'c' });
      cluster.node('c').settle();
      cluster.deliver({ from: 'c' });
    }
    cluster.cut('c');
    leader.propose('x=3');
    cluster.stabilize(['a', 'b']);
    leader.takeSnapshot();
    const last = leader.state.log.lastIndex;
    leader.compact(last);
    cluster.run(2 * electionTicks);
    leader.compact(last);
    expect(leader.state.log.firstIndex).toBe(last + 1);
  });
});
