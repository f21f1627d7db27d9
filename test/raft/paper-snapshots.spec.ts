import { describe, expect, it } from '@jest/globals';
import { assert } from '../../src/lib/assert.js';
import { formatConfiguration } from '../../src/raft/index.js';
import type { Message } from '../../src/raft/index.js';
import {
  command,
  configurationEntry,
  durableState,
  electionTicks,
  entriesOfTerms,
  members,
  message,
  snapshotMetadata,
} from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import { TestNode } from '../support/raft-node.js';

const metadata = snapshotMetadata(10, 1, { chunkCount: 3 });

function chunk(number: number, changes: { snapshot?: typeof metadata; from?: string; term?: number } = {}): Message {
  const { snapshot = metadata, from = 'b', term = 1 } = changes;
  return message(`${from}->a`, term, 'installSnapshot', { snapshot, chunk: number, data: Uint8Array.of(number) });
}

/** Leader a with `x1`, `x2`, ... in a snapshot of three chunks, the log before it gone, while c was down. */
function clusterWithLaggard(): RaftCluster {
  const cluster = new RaftCluster(['a', 'b', 'c']);
  cluster.elect('a');
  cluster.crash('c');
  cluster.node('a').propose('x1', 'x2', 'x3', 'x4');
  cluster.stabilize();
  cluster.node('a').takeSnapshot(3);
  cluster.node('a').compact(5);
  cluster.restart('c');
  return cluster;
}

/** Goes on until the leader has sent the first chunk, which is not delivered. */
function untilFirstChunk(cluster: RaftCluster): void {
  cluster.node('a').tick(2);
  while (cluster.node('a').state.progress.get('c')?.state !== 'snapshot') {
    assert(cluster.deliver().length > 0, 'the leader finds out what c lacks');
  }
}

/** Lets time pass on the leader alone and delivers everything. */
function runLeader(cluster: RaftCluster, ticks: number): void {
  for (let tick = 0; tick < ticks; tick += 1) {
    cluster.node('a').tick();
    cluster.stabilize();
  }
}

describe('sending a snapshot', () => {
  it('§5 a follower that needs compacted entries gets the snapshot, chunk by chunk, and then the rest of the log', () => {
    const cluster = clusterWithLaggard();
    cluster.node('a').propose('x5');
    runLeader(cluster, 4);

    expect(cluster.node('c').applied).toEqual(['2=x1', '3=x2', '4=x3', '5=x4', '6=x5']);
    expect(cluster.node('c').disk.latest?.metadata).toMatchObject({ lastIncludedIndex: 5, chunkCount: 3 });
    expect(cluster.node('a').state.progress.get('c')).toMatchObject({ state: 'replicate', matchIndex: 6 });
  });

  it('§5 a chunk that was lost is sent again after an election timeout', () => {
    const cluster = clusterWithLaggard();
    untilFirstChunk(cluster);
    expect(cluster.drop({ type: 'installSnapshot' })).toHaveLength(1);
    runLeader(cluster, electionTicks - 1);
    expect(cluster.node('c').applied).toEqual([]);
    runLeader(cluster, 1);

    expect(cluster.node('c').applied).toHaveLength(4);
  });

  it('§5 a follower that restarts in the middle begins again', () => {
    const cluster = clusterWithLaggard();
    cluster.node('c').isManual = true;
    for (let round = 0; cluster.node('c').state.receiving?.nextChunk !== 1; round += 1) {
      cluster.node('a').tick();
      cluster.deliver();
      cluster.node('c').settle();
      expect(round).toBeLessThan(20);
    }
    cluster.crash('c');
    cluster.restart('c');
    runLeader(cluster, 3 * electionTicks);

    expect(cluster.node('c').applied).toHaveLength(4);
  });

  it('§5 a new leader takes over where the old one stopped half-way', () => {
    const cluster = clusterWithLaggard();
    cluster.node('b').takeSnapshot(2);
    cluster.node('b').compact(5);
    for (let round = 0; cluster.node('c').state.receiving?.nextChunk !== 1; round += 1) {
      cluster.node('a').tick();
      cluster.deliver();
      expect(round).toBeLessThan(20);
    }
    cluster.crash('a');
    cluster.drop();
    cluster.elect('b');
    cluster.run(3 * electionTicks);

    expect(cluster.node('c').applied).toEqual(['2=x1', '3=x2', '4=x3', '5=x4']);
    expect(cluster.node('c').disk.latest?.metadata.chunkCount).toBe(2);
  });

  it('§5 entries that a snapshot under way will need are not compacted', () => {
    const cluster = clusterWithLaggard();
    const leader = cluster.node('a');
    untilFirstChunk(cluster);
    leader.propose('x5');
    cluster.stabilize(['a', 'b']);
    leader.takeSnapshot();
    leader.compact(6);

    expect(leader.state.log.firstIndex).toBe(6);
  });

  it('§5 a member that is removed no longer holds the log back', () => {
    const cluster = clusterWithLaggard();
    const leader = cluster.node('a');
    untilFirstChunk(cluster);
    leader.change({ kind: 'remove', id: 'c' });
    cluster.stabilize(['a', 'b']);
    leader.takeSnapshot();
    leader.compact(6);

    expect([...leader.state.progress.keys()]).toEqual(['b']);
    expect(leader.state.log.firstIndex).toBe(7);
  });

  it('§5 a snapshot that is gone from the store is replaced by the newest one', () => {
    const cluster = clusterWithLaggard();
    const leader = cluster.node('a');
    leader.isManual = true;
    for (let round = 0; leader.tasks.length === 0; round += 1) {
      leader.tick();
      cluster.deliver();
      expect(round).toBeLessThan(20);
    }
    leader.isManual = false;
    const [task] = leader.tasks.splice(0);
    expect(task).toEqual({ kind: 'readChunk', to: 'c', index: 5, chunk: 0 });
    leader.input((core) => {
      core.chunkRead({ to: 'c', index: 5, chunk: 0, data: null });
    });
    runLeader(cluster, 4);

    expect(cluster.node('c').applied).toHaveLength(4);
  });
});

describe('receiving a snapshot', () => {
  it('§5 asks for each chunk after the one before is stored, and puts the whole in force', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(chunk(0));
    node.settle();
    expect(node.says()).toEqual(['a->b InstallSnapshotResponse term=1 snapshot=10:1 next=1']);
    node.step(chunk(1));
    node.settle();
    node.takeMessages();
    node.step(chunk(2));
    node.doTask();
    expect(node.takeMessages()).toEqual([]);
    node.settle();

    expect(node.state).toMatchObject({ commitIndex: 10, lastApplied: 10, role: 'follower' });
    expect(node.state.log.lastTerm).toBe(1);
    expect(node.says()).toEqual(['a->b InstallSnapshotResponse term=1 snapshot=10:1 installed']);
  });

  it('§5 a chunk that is doubled or out of order is answered with the one that is wanted', () => {
    const node = new TestNode('a');
    node.step(chunk(1));
    expect(node.says()).toEqual(['a->b InstallSnapshotResponse term=1 snapshot=10:1 next=0']);
    node.step(chunk(0), chunk(0), chunk(2));

    expect(node.says()).toEqual(
      Array.from({ length: 3 }, () => 'a->b InstallSnapshotResponse term=1 snapshot=10:1 next=1'),
    );
  });

  it('§5 a chunk that comes twice while it is stored is stored once', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(chunk(0), chunk(0));
    expect(node.tasks).toHaveLength(1);
  });

  it('§5 a snapshot that ends at or below the commit index changes nothing', () => {
    const node = new TestNode('a', {
      durable: durableState({ terms: Array.from({ length: 12 }, () => 1), commitIndex: 11 }),
    });
    node.step(chunk(0));

    expect(node.says()).toEqual(['a->b InstallSnapshotResponse term=1 snapshot=10:1 installed']);
    expect(node.state).toMatchObject({ commitIndex: 11, lastApplied: 11 });
    expect(node.state.log.lastIndex).toBe(12);
  });

  it('§5 entries after the snapshot stay where the log holds its position', () => {
    const node = new TestNode('a', { durable: durableState({ terms: Array.from({ length: 12 }, () => 1) }) });
    node.step(chunk(0), chunk(1), chunk(2));

    expect(node.state.log.lastIndex).toBe(12);
    expect(node.state.commitIndex).toBe(10);
    expect(node.disk.entries).toHaveLength(12);
  });

  it('§5 a log that does not hold the position of the snapshot is replaced by it', () => {
    const conflicting = [...Array.from({ length: 9 }, () => 1), 2, 2, 2];
    const node = new TestNode('a', { durable: durableState({ terms: conflicting }) });
    [0, 1, 2].forEach((number) => {
      node.step(chunk(number, { term: 3, snapshot: { ...metadata, lastIncludedTerm: 3 } }));
    });

    expect(node.state.log.lastIndex).toBe(10);
    expect(node.disk.entries).toEqual([]);
    node.step(message('b->a', 3, 'appendEntries', { prevLogIndex: 10, prevLogTerm: 3, entries: [command(11, 3)] }));
    expect(node.disk.entries.map((entry) => entry.index)).toEqual([11]);
  });

  it('§5 the members of the snapshot come into use with it', () => {
    const node = new TestNode('a');
    const snapshot = { ...metadata, chunkCount: 1, configuration: members('a b c d') };
    node.step(chunk(0, { snapshot }));
    expect(formatConfiguration(node.state.configuration)).toBe('a b c d');
  });

  it('§5 the acknowledgement leaves once the log has followed the snapshot', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(chunk(0, { snapshot: { ...metadata, chunkCount: 1 } }));
    node.doTask();
    node.doTask();
    expect(node.says()).toEqual([]);
    expect(node.writes).toMatchObject([{ sequence: 1 }, { sequence: 2, reset: { index: 10, term: 1 } }]);
    node.persist();
    expect(node.says()).toEqual(['a->b InstallSnapshotResponse term=1 snapshot=10:1 installed']);
  });

  it('§5 while a snapshot is put in force the log and the role stay as they are', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(chunk(0, { snapshot: { ...metadata, chunkCount: 1 } }));
    node.doTask();
    node.step(message('b->a', 1, 'appendEntries', { entries: entriesOfTerms([1, 1]), leaderCommit: 2 }));
    node.step(message('b->a', 1, 'timeoutNow'));
    node.timeout();

    expect(node.state.log.lastIndex).toBe(0);
    expect(node.state).toMatchObject({ role: 'follower', commitIndex: 0 });
  });

  it('§5 a node that began to campaign does not put the rest of a snapshot in force', () => {
    const node = new TestNode('a', {
      isManual: true,
      config: { preVote: false },
      durable: durableState({ terms: Array.from({ length: 12 }, () => 1) }),
    });
    node.step(chunk(0, { snapshot: { ...metadata, chunkCount: 1 } }));
    node.timeout();
    node.persist();
    node.step(message('b->a', 2, 'requestVoteResponse'));
    expect(node.state.role).toBe('leader');
    node.doTask();

    expect(node.tasks.filter((task) => task.kind === 'install')).toEqual([]);
    node.settle();
    expect(node.state.role).toBe('leader');
  });

  it('§5 a snapshot of another leader starts anew', () => {
    const node = new TestNode('a');
    node.step(chunk(0), chunk(1));
    node.takeMessages();
    node.step(chunk(2, { from: 'c', term: 2 }));
    expect(node.says()).toEqual(['a->c InstallSnapshotResponse term=2 snapshot=10:1 next=0']);
    node.step(chunk(0, { from: 'c', term: 2 }));
    expect(node.says()).toEqual(['a->c InstallSnapshotResponse term=2 snapshot=10:1 next=1']);
  });

  it('§5 bytes that are no snapshot are forgotten, and the first chunk is wanted again', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(chunk(0, { snapshot: { ...metadata, chunkCount: 1 } }));
    node.doTask();
    node.tasks = [];
    node.input((core) => {
      core.snapshotRejected();
    });
    expect(node.state).toMatchObject({ commitIndex: 0, receiving: null });
    node.step(chunk(0, { snapshot: { ...metadata, chunkCount: 1 } }));
    expect(node.tasks).toMatchObject([{ kind: 'storeChunk', chunk: 0 }]);
  });
});

describe('starting from a snapshot', () => {
  const stored = { lastIncludedTerm: 5, configuration: members('a b c d') };

  it('§5 the tail of the log follows the snapshot', () => {
    const node = new TestNode('a', {
      durable: {
        hardState: { currentTerm: 5, votedFor: null, commitIndex: 102 },
        snapshot: snapshotMetadata(100, 5, stored),
        entries: entriesOfTerms([5, 5, 5, 5, 5], 99),
      },
    });

    expect(node.state.log.lastIndex).toBe(103);
    expect(node.applied).toEqual(['101=v101.5', '102=v102.5']);
    expect(formatConfiguration(node.state.configuration)).toBe('a b c d');
  });

  it.each([
    { title: 'ends before it', entries: entriesOfTerms([4, 4], 40) },
    { title: 'has another term there', entries: entriesOfTerms([4, 4, 4], 99) },
  ])('§5 a log that $title is discarded, in memory and on disk', ({ entries }) => {
    const node = new TestNode('a', {
      durable: {
        hardState: { currentTerm: 5, votedFor: null, commitIndex: 0 },
        snapshot: snapshotMetadata(100, 5, stored),
        entries,
      },
    });

    expect(node.state.log.lastIndex).toBe(100);
    expect(node.state.log.lastTerm).toBe(5);
    expect(node.disk.entries).toEqual([]);
    expect(node.state.commitIndex).toBe(100);
  });

  it('a log with a hole, with terms that go down, or above the stored term is not started from', () => {
    const start = (entries: ReturnType<typeof entriesOfTerms>, currentTerm: number) => (): TestNode =>
      new TestNode('a', {
        durable: {
          hardState: { currentTerm, votedFor: null, commitIndex: 0 },
          snapshot: snapshotMetadata(10, 2),
          entries,
        },
      });

    expect(start(entriesOfTerms([2], 12), 2)).toThrow('no entry is missing');
    expect(start([command(11, 2), command(13, 2)], 2)).toThrow('an entry follows the last one');
    expect(start(entriesOfTerms([3, 2], 11), 3)).toThrow('terms never go down');
    expect(start(entriesOfTerms([3], 11), 2)).toThrow('no entry is of a term to come');
  });

  it('a snapshot that became durable before the term of its last entry did raises the term, without a vote in it', () => {
    const node = new TestNode('a', {
      durable: {
        hardState: { currentTerm: 4, votedFor: 'b', commitIndex: 0 },
        snapshot: snapshotMetadata(100, 5, stored),
        entries: [],
      },
    });

    expect(node.state).toMatchObject({ currentTerm: 5, votedFor: null });
    expect(node.disk.hardState).toMatchObject({ currentTerm: 5, votedFor: null });
  });

  it('§4.1 a second snapshot still knows the members whose entry the first one swallowed', () => {
    const entries = [configurationEntry(1, 1, members('a b c d')), ...entriesOfTerms([1, 1, 1], 2)];
    const node = new TestNode('a', {
      durable: durableState({ configuration: members('a b c'), entries, commitIndex: 2 }),
    });
    node.takeSnapshot();
    node.compact(2);
    node.step(message('b->a', 1, 'appendEntries', { prevLogIndex: 4, prevLogTerm: 1, leaderCommit: 4 }));
    node.takeSnapshot();

    const second = node.disk.latest?.metadata;
    expect(second?.lastIncludedIndex).toBe(4);
    expect(second === undefined ? '' : formatConfiguration(second.configuration)).toBe('a b c d');
  });

  it('§5 only applied and durable entries below a snapshot are forgotten', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 1], commitIndex: 2 }) });
    node.compact(3);
    expect(node.state.log.firstIndex).toBe(1);
    node.takeSnapshot();
    node.compact(3);
    expect(node.state.log.firstIndex).toBe(3);
    expect(node.disk.entries.map((entry) => entry.index)).toEqual([3]);
  });
});
