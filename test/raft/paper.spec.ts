import { describe, expect, it } from '@jest/globals';
import type { AppendEntries } from '../../src/raft/index.js';
import { leadingNode } from '../support/leading-node.js';
import {
  command,
  durableState,
  electionTicks,
  entriesOfTerms,
  members,
  message,
  noop,
  snapshotMetadata,
  timeoutTicks,
} from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import { TestNode } from '../support/raft-node.js';

const plainElections = { preVote: false, checkQuorum: false };

/** Entries of an AppendEntries as `index:term`. */
function positions(append: AppendEntries | undefined): string[] {
  return append?.entries.map((entry) => `${entry.index}:${entry.term}`) ?? [];
}

function appendsTo(node: TestNode, to: string): AppendEntries[] {
  return node.takeMessages().flatMap((each) => (each.type === 'appendEntries' && each.to === to ? [each] : []));
}

describe('elections', () => {
  it('§3.4 a node starts as a follower and stays one while it hears a leader', () => {
    const node = new TestNode('a');

    expect(node.state.role).toBe('follower');
    for (let heard = 0; heard < 5; heard += 1) {
      node.tick(timeoutTicks - 1);
      node.step(message('b->a', 1, 'heartbeat'));
    }
    expect(node.state).toMatchObject({ role: 'follower', leaderId: 'b', currentTerm: 1 });
  });

  it('§3.4 a follower that hears nobody for its timeout raises the term, votes for itself and asks all voters', () => {
    const node = new TestNode('a', { config: plainElections, durable: durableState({ terms: [1, 1, 2] }) });

    node.tick(timeoutTicks - 1);
    expect(node.state.role).toBe('follower');
    node.tick();

    expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 3, votedFor: 'a', leaderId: null });
    expect(node.says()).toEqual(['a->b RequestVote term=3 last=3:2', 'a->c RequestVote term=3 last=3:2']);
  });

  it('§3.4 the requests for votes leave once term and own vote are durable, and the own vote counts then', () => {
    const node = new TestNode('a', { config: plainElections, isManual: true });

    node.tick(timeoutTicks);
    expect(node.takeMessages()).toEqual([]);
    expect(node.state.votes.size).toBe(0);
    node.persist();

    expect(node.disk.hardState).toMatchObject({ currentTerm: 1, votedFor: 'a' });
    expect(node.state.votes.get('a')).toBe(true);
    expect(node.takeMessages()).toHaveLength(2);
  });

  it('§3.4 a candidate with the votes of a majority leads, and says so at once', () => {
    const node = new TestNode('a', {
      config: plainElections,
      durable: durableState({ configuration: members('a b c d e') }),
    });

    node.timeout();
    node.step(message('b->a', 1, 'requestVoteResponse'));
    expect(node.state.role).toBe('candidate');
    node.takeMessages();
    node.step(message('c->a', 1, 'requestVoteResponse'));

    expect(node.state).toMatchObject({ role: 'leader', leaderId: 'a' });
    expect(node.says().filter((line) => line.includes('Heartbeat'))).toHaveLength(4);
  });

  it('§3.4 the same vote twice is one vote, and votes of an earlier term or of strangers are none', () => {
    const node = new TestNode('a', {
      config: plainElections,
      durable: durableState({ configuration: members('a b c d e', 'f') }),
    });
    node.timeout();
    node.timeout();
    expect(node.state.currentTerm).toBe(2);

    node.step(
      message('b->a', 2, 'requestVoteResponse'),
      message('b->a', 2, 'requestVoteResponse'),
      message('c->a', 1, 'requestVoteResponse'),
      message('f->a', 2, 'requestVoteResponse'),
      message('z->a', 2, 'requestVoteResponse'),
    );

    expect(node.state.role).toBe('candidate');
  });

  it('§3.4 a split vote ends with a new election in a new term', () => {
    const node = new TestNode('a', { config: plainElections });
    node.timeout();
    node.step(message('b->a', 1, 'requestVoteResponse', { granted: false }));
    expect(node.state.role).toBe('candidate');

    node.timeout();
    expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 2 });
  });

  it('§3.4 a candidate that a majority refused follows again', () => {
    const node = new TestNode('a', { config: plainElections });
    node.timeout();
    node.step(message('b->a', 1, 'requestVoteResponse', { granted: false }));
    node.step(message('c->a', 1, 'requestVoteResponse', { granted: false }));

    expect(node.state).toMatchObject({ role: 'follower', currentTerm: 1, votedFor: 'a', leaderId: null });
  });

  it.each(['appendEntries', 'heartbeat', 'installSnapshot'] as const)(
    '§3.4 a candidate that gets %s in its term follows the sender; in an earlier term it does not',
    (type) => {
      const node = new TestNode('a', { config: plainElections, durable: durableState({ currentTerm: 4 }) });
      node.timeout();
      node.step(message('b->a', 4, type));
      expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 5 });

      node.step(message('b->a', 5, type));
      expect(node.state).toMatchObject({ role: 'follower', currentTerm: 5, leaderId: 'b' });
    },
  );

  it('§3.4 a cluster of one elects itself', () => {
    const node = new TestNode('a', { durable: durableState({ configuration: members('a') }) });
    node.timeout();

    expect(node.state).toMatchObject({ role: 'leader', currentTerm: 1, commitIndex: 1 });
  });

  it('§3.4 the timeouts are drawn from [T, 2T), so that a split vote does not repeat for ever', () => {
    const node = new TestNode('a', { config: plainElections });
    expect(node.state.electionDeadlineTicks).toBe(2 * electionTicks - 1);
  });
});

describe('votes', () => {
  const standing = [
    { votedFor: null, from: 'b', granted: true },
    { votedFor: 'b', from: 'b', granted: true },
    { votedFor: 'c', from: 'b', granted: false },
    { votedFor: 'a', from: 'b', granted: false },
  ];
  it.each(standing)('§3.4 one vote a term: voted for $votedFor, asked by $from, granted $granted', (row) => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 2, votedFor: row.votedFor }) });
    node.step(message(`${row.from}->a`, 2, 'requestVote'));

    expect(node.says()).toEqual([`a->b RequestVoteResponse term=2 ${row.granted ? 'granted' : 'refused'}`]);
    expect(node.state.votedFor).toBe(row.granted ? 'b' : row.votedFor);
  });

  const logs = [
    { own: [1], last: '1:1', granted: true },
    { own: [1], last: '2:1', granted: true },
    { own: [1, 1], last: '1:1', granted: false },
    { own: [1], last: '1:2', granted: true },
    { own: [1, 1], last: '1:2', granted: true },
    { own: [2], last: '1:1', granted: false },
    { own: [2], last: '9:1', granted: false },
    { own: [1, 2], last: '9:1', granted: false },
    { own: [], last: '0:0', granted: true },
    { own: [1], last: '0:0', granted: false },
  ];
  it.each(logs)('§3.6.1 up to date: log $own, candidate ends in $last, granted $granted', ({ own, last, granted }) => {
    const [lastLogIndex, lastLogTerm] = last.split(':').map(Number);
    for (const preVote of [false, true]) {
      const node = new TestNode('a', { durable: durableState({ terms: own, currentTerm: 3 }) });
      node.step(
        message('b->a', 4, 'requestVote', { preVote, lastLogIndex: lastLogIndex ?? 0, lastLogTerm: lastLogTerm ?? 0 }),
      );
      expect(node.takeMessages()).toMatchObject([{ type: 'requestVoteResponse', preVote, granted }]);
    }
  });

  it('§5 after compaction the snapshot is the last entry that a candidate is compared with', () => {
    const durable = { ...durableState({ currentTerm: 3 }), snapshot: snapshotMetadata(10, 3) };
    const asked = (lastLogIndex: number): unknown => {
      const node = new TestNode('a', { durable });
      node.step(message('b->a', 4, 'requestVote', { lastLogIndex, lastLogTerm: 3 }));
      return node.says();
    };

    expect(asked(9)).toEqual(['a->b RequestVoteResponse term=4 refused']);
    expect(asked(10)).toEqual(['a->b RequestVoteResponse term=4 granted']);
  });

  it('§3.8 a vote is durable before its answer leaves', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(message('b->a', 5, 'requestVote'));
    expect(node.takeMessages()).toEqual([]);

    node.persist();
    expect(node.disk.hardState).toMatchObject({ currentTerm: 5, votedFor: 'b' });
    expect(node.says()).toEqual(['a->b RequestVoteResponse term=5 granted']);
  });

  it('§3.8 a vote in a term that is stored already is durable too before its answer leaves', () => {
    const node = new TestNode('a', { isManual: true, durable: durableState({ currentTerm: 5 }) });
    node.step(message('b->a', 5, 'requestVote'));
    node.persist();
    expect(node.disk.hardState).toMatchObject({ currentTerm: 5, votedFor: 'b' });
  });

  it('§3.8 after a restart the vote of the term is still given, and after a crash before it was durable nobody knows it', () => {
    const cluster = new RaftCluster(['a', 'b', 'c'], { config: plainElections, isManual: true });
    cluster.node('a').step(message('b->a', 1, 'requestVote'));
    cluster.crash('a');
    cluster.restart('a').step(message('c->a', 1, 'requestVote'));
    cluster.node('a').persist();
    cluster.crash('a');
    const restarted = cluster.restart('a');
    restarted.step(message('b->a', 1, 'requestVote'));
    restarted.persist();

    expect(restarted.says()).toEqual(['a->b RequestVoteResponse term=1 refused']);
  });

  it('§3.4 giving a vote starts the election timer anew, refusing one does not', () => {
    const granting = new TestNode('a');
    granting.tick(timeoutTicks - 1);
    granting.step(message('b->a', 0, 'requestVote'));
    granting.tick();
    expect(granting.state.role).toBe('follower');

    const refusing = new TestNode('a', { durable: durableState({ terms: [1], currentTerm: 1 }) });
    refusing.tick(timeoutTicks - 1);
    refusing.step(message('b->a', 1, 'requestVote'));
    refusing.tick();
    expect(refusing.state.role).toBe('preCandidate');
  });
});

describe('terms', () => {
  it.each(['follower', 'candidate', 'leader'] as const)(
    '§3.3 a %s that sees a higher term follows in it without a vote',
    (role) => {
      const node =
        role === 'leader' ? leadingNode({ config: plainElections }) : new TestNode('a', { config: plainElections });
      if (role === 'candidate') {
        node.timeout();
      }
      expect(node.state.role).toBe(role);
      node.step(message('b->a', 7, 'appendEntriesResponse', { success: false }));

      expect(node.state).toMatchObject({ role: 'follower', currentTerm: 7, votedFor: null, leaderId: null });
      expect(node.disk.hardState).toMatchObject({ currentTerm: 7, votedFor: null });
    },
  );

  it('§3.3 a request of an earlier term is refused with the term that holds now', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1], currentTerm: 5 }) });
    node.step(
      message('b->a', 4, 'requestVote', { lastLogIndex: 9, lastLogTerm: 4 }),
      message('b->a', 4, 'appendEntries', { prevLogIndex: 1, prevLogTerm: 1, entries: [command(2, 4)] }),
      message('b->a', 4, 'heartbeat'),
    );

    expect(node.says()).toEqual([
      'a->b RequestVoteResponse term=5 refused',
      'a->b AppendEntriesResponse term=5 refused prev=0 hint=0:0',
      'a->b AppendEntriesResponse term=5 refused prev=0 hint=0:0',
    ]);
    expect(node.logTerms).toEqual([1]);
  });

  it('§3.3 answers of an earlier term count for nothing', () => {
    const node = leadingNode({ durable: durableState({ terms: [1, 1], currentTerm: 1 }) });
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 3 }));

    expect(node.state.commitIndex).toBe(0);
    expect(node.state.progress.get('b')?.matchIndex).toBe(0);
  });

  it('what is addressed to another node is not listened to', () => {
    const node = new TestNode('a');
    node.step(message('b->c', 9, 'heartbeat'), message('a->a', 9, 'heartbeat'));
    expect(node.state.currentTerm).toBe(0);
  });
});

describe('log replication', () => {
  it('§3.5 a leader appends what is proposed and sends it before its own disk has it', () => {
    const node = leadingNode({ config: plainElections });
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    node.takeMessages();
    node.isManual = true;
    node.propose('x');

    expect(node.writes).toHaveLength(1);
    expect(node.says()).toEqual(['a->b AppendEntries term=1 prev=1:1 commit=1 [2:1 "x"]']);
    expect(node.proposalOutcomes).toEqual([{ kind: 'accepted', sequence: 1, index: 2, term: 1 }]);
  });

  it('§3.5 an entry is committed when a majority stores it, and applied in order', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c d e') }) });
    node.propose('x', 'y');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 3 }));
    expect(node.state.commitIndex).toBe(0);

    node.step(message('c->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.state.commitIndex).toBe(2);
    expect(node.applied).toEqual(['2=x']);
    node.step(message('d->a', 1, 'appendEntriesResponse', { matchIndex: 3 }));
    expect(node.applied).toEqual(['2=x', '3=y']);
  });

  it('§10.2.1 the leader counts itself only with what its own disk holds', () => {
    const node = leadingNode();
    node.isManual = true;
    node.propose('x');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.state.commitIndex).toBe(1);

    node.persist();
    expect(node.state.commitIndex).toBe(2);
  });

  it('§10.2.1 a majority of followers commits although the leader’s own disk lags', () => {
    const node = leadingNode();
    node.isManual = true;
    node.propose('x');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    node.step(message('c->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));

    expect(node.state.commitIndex).toBe(2);
    expect(node.state.log.writes.durableIndex).toBe(1);
  });

  it('§3.5 a follower answers an append once it is durable', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(message('b->a', 1, 'appendEntries', { entries: [noop(1, 1)] }));
    expect(node.takeMessages()).toEqual([]);

    node.persist();
    expect(node.disk.entries).toHaveLength(1);
    expect(node.says()).toEqual(['a->b AppendEntriesResponse term=1 match=1']);
  });

  it('§3.5 a repeated append is not acknowledged before the first one is durable', () => {
    const node = new TestNode('a', { isManual: true });
    const append = message('b->a', 1, 'appendEntries', { entries: [noop(1, 1)] });
    node.step(append, append);
    expect(node.writes).toHaveLength(2);
    expect(node.takeMessages()).toEqual([]);

    node.persist(1);
    expect(node.says()).toHaveLength(1);
  });

  it.each([
    { own: [1, 1], prev: '2:1', accepted: true },
    { own: [1, 1], prev: '0:0', accepted: true },
    { own: [1, 1], prev: '3:1', accepted: false },
    { own: [1, 2], prev: '2:1', accepted: false },
    { own: [], prev: '1:1', accepted: false },
  ])('§3.5 consistency check: log $own, prev $prev, accepted $accepted', ({ own, prev, accepted }) => {
    const node = new TestNode('a', { durable: durableState({ terms: own, currentTerm: 2 }) });
    const [prevLogIndex = 0, prevLogTerm = 0] = prev.split(':').map(Number);
    node.step(
      message('b->a', 2, 'appendEntries', { prevLogIndex, prevLogTerm, entries: [command(prevLogIndex + 1, 2)] }),
    );

    expect(node.takeMessages()).toMatchObject([{ success: accepted, prevLogIndex }]);
    expect(node.logTerms).toEqual(accepted ? [...own.slice(0, prevLogIndex), 2] : own);
  });

  it('§3.5 an entry that conflicts takes all that follow it away, in memory and on disk', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 2, 2, 2] }) });
    node.step(message('b->a', 3, 'appendEntries', { prevLogIndex: 2, prevLogTerm: 1, entries: [command(3, 3)] }));

    expect(node.logTerms).toEqual([1, 1, 3]);
    expect(node.disk.entries.map((entry) => entry.term)).toEqual([1, 1, 3]);
  });

  it('§3.5 an old or doubled append cuts nothing off', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }) });
    const first = message('b->a', 1, 'appendEntries', { entries: entriesOfTerms([1, 1]) });
    node.step(
      first,
      message('b->a', 1, 'appendEntries', { prevLogIndex: 2, prevLogTerm: 1, entries: [command(3, 1)] }),
    );
    node.takeMessages();
    node.step(first, message('b->a', 1, 'appendEntries'));

    expect(node.logTerms).toEqual([1, 1, 1]);
    expect(node.says()).toEqual([
      'a->b AppendEntriesResponse term=1 match=2',
      'a->b AppendEntriesResponse term=1 match=0',
    ]);
  });

  it('§3.5 an append that begins below the commit index or the compacted log still agrees', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 1, 1], commitIndex: 4 }) });
    node.takeSnapshot();
    node.compact(4);
    node.step(
      message('b->a', 1, 'appendEntries', { prevLogIndex: 2, prevLogTerm: 1, entries: entriesOfTerms([1, 1, 1], 3) }),
    );

    expect(node.state.log.lastIndex).toBe(5);
    expect(node.says()).toEqual(['a->b AppendEntriesResponse term=1 match=5']);
  });

  it.each([
    { leaderCommit: 1, entries: [1, 1], expected: 1 },
    { leaderCommit: 9, entries: [1, 1], expected: 2 },
    { leaderCommit: 9, entries: [], expected: 0 },
  ])(
    '§3.5 a follower commits at most what the append confirmed: leader $leaderCommit, entries $entries',
    ({ leaderCommit, entries, expected }) => {
      const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 1] }) });
      node.step(message('b->a', 1, 'appendEntries', { entries: entriesOfTerms(entries), leaderCommit }));
      expect(node.state.commitIndex).toBe(expected);
    },
  );

  it('§3.5 a follower keeps its commit index when an older one arrives', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1], commitIndex: 2 }) });
    node.step(message('b->a', 1, 'appendEntries', { leaderCommit: 1 }), message('b->a', 1, 'heartbeat'));
    expect(node.state.commitIndex).toBe(2);
  });

  it('§3.5 the leader goes back below a conflict in one step for each term, and then sends all that follows', () => {
    const node = leadingNode({ durable: durableState({ terms: [1, 1, 4, 4, 5, 5, 6, 6, 6, 6], currentTerm: 6 }) });
    node.step(
      message('b->a', 7, 'appendEntriesResponse', { success: false, prevLogIndex: 10, hintIndex: 9, hintTerm: 3 }),
    );
    const [append] = appendsTo(node, 'b');

    expect(append).toMatchObject({ prevLogIndex: 2, prevLogTerm: 1 });
    expect(positions(append)).toEqual(['3:4', '4:4', '5:5', '6:5', '7:6', '8:6', '9:6', '10:6', '11:7']);
  });

  it('§3.5 a refusal names the highest index at which the logs can agree', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 2, 2, 3, 3] }) });
    node.step(message('b->a', 5, 'appendEntries', { prevLogIndex: 9, prevLogTerm: 2 }));
    expect(node.says()).toEqual(['a->b AppendEntriesResponse term=5 refused prev=9 hint=4:2']);
  });

  it('§3.5 an old refusal moves nothing back', () => {
    const node = leadingNode({ durable: durableState({ terms: [1, 1, 1], currentTerm: 1 }) });
    node.step(message('b->a', 2, 'appendEntriesResponse', { matchIndex: 4 }));
    node.takeMessages();
    node.step(
      message('b->a', 2, 'appendEntriesResponse', { success: false, prevLogIndex: 3, hintIndex: 1, hintTerm: 1 }),
    );

    expect(node.state.progress.get('b')).toMatchObject({ matchIndex: 4, nextIndex: 5, state: 'replicate' });
    expect(node.takeMessages()).toEqual([]);
  });

  it('§3.5 an old answer does not take back what a follower is known to store', () => {
    const node = leadingNode();
    node.propose('x');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    expect(node.state.progress.get('b')?.matchIndex).toBe(2);
  });

  it('§10.2.1 batches follow each other unanswered, as many as the window holds', () => {
    const node = leadingNode({ config: { inflightBatchesMax: 2 } });
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    node.takeMessages();
    ['x', 'y', 'z'].forEach((text) => {
      node.propose(text);
    });
    expect(appendsTo(node, 'b').map(positions)).toEqual([['2:1'], ['3:1']]);

    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(appendsTo(node, 'b').map(positions)).toEqual([['4:1']]);
  });

  it('§3.5 a heartbeat never announces more than its receiver stores', () => {
    const node = leadingNode();
    node.propose('x');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    node.takeMessages();
    node.tick(2);

    expect(node.says().filter((line) => line.includes('Heartbeat'))).toEqual([
      'a->b Heartbeat term=1 round=2 commit=2',
      'a->c Heartbeat term=1 round=2 commit=0',
    ]);
  });

  it('§3.5 a leader that has nothing to send announces an advance of its commit index at once', () => {
    const node = leadingNode();
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    expect(node.says()).toEqual(['a->b Heartbeat term=1 round=0 commit=1']);
  });

  it('§3.6 a new leader opens its term with an entry of its own', () => {
    const node = leadingNode({ durable: durableState({ terms: [1, 1], currentTerm: 1 }) });
    expect(node.logTerms).toEqual([1, 1, 2]);
    expect(node.state.log.entry(3)?.kind).toBe('noop');
  });

  it('§3.6.2 entries of earlier terms are committed through one of the own term only', () => {
    const node = leadingNode({ durable: durableState({ terms: [1, 2], currentTerm: 2 }) });
    node.step(message('b->a', 3, 'appendEntriesResponse', { matchIndex: 2 }));
    node.step(message('c->a', 3, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.state.commitIndex).toBe(0);

    node.step(message('b->a', 3, 'appendEntriesResponse', { matchIndex: 3 }));
    expect(node.state.commitIndex).toBe(3);
    expect(node.applied).toEqual(['1=v1.1', '2=v2.2']);
  });

  it('§3.6.3 whoever leads holds every committed entry', () => {
    const cluster = new RaftCluster(['a', 'b', 'c'], { config: plainElections });
    cluster.elect('a');
    cluster.cut('c');
    cluster.node('a').propose('x');
    cluster.stabilize();
    expect(cluster.node('a').applied).toEqual(['2=x']);
    cluster.heal();
    cluster.crash('a');

    cluster.node('c').timeout();
    cluster.stabilize();
    expect(cluster.leaders).toEqual([]);
    cluster.elect('b');
    expect(cluster.node('c').applied).toEqual(['2=x']);
  });

  it('§3.7 a follower that was down gets what it missed', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.crash('b');
    cluster.node('a').propose('x', 'y');
    cluster.stabilize();
    cluster.restart('b');
    cluster.run(4);

    expect(cluster.node('b').applied).toEqual(['2=x', '3=y']);
  });

  it('a lost batch is found by the next heartbeat and sent again', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.node('a').propose('x');
    cluster.drop({ to: 'b', type: 'appendEntries' });
    cluster.stabilize();
    expect(cluster.node('b').applied).toEqual([]);

    cluster.run(2);
    expect(cluster.node('b').applied).toEqual(['2=x']);
  });

  it('a write under way does not vouch for an index that was cut and appended anew (ABA)', () => {
    const node = new TestNode('a', { isManual: true });
    node.step(message('b->a', 1, 'appendEntries', { entries: entriesOfTerms([1, 1]) }));
    node.step(message('c->a', 2, 'appendEntries', { entries: entriesOfTerms([2, 2]) }));
    node.persist(1);
    expect(node.state.log.writes.durableIndex).toBe(0);
    expect(node.says()).toEqual(['a->b AppendEntriesResponse term=1 match=2']);

    node.persist(1);
    expect(node.state.log.writes.durableIndex).toBe(2);
    expect(node.says()).toEqual(['a->c AppendEntriesResponse term=2 match=2']);
  });

  it('the stored commit index rides with the next write, or follows after a while', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1] }) });
    node.step(message('b->a', 1, 'appendEntries', { prevLogIndex: 2, prevLogTerm: 1, leaderCommit: 2 }));
    expect(node.disk.hardState.commitIndex).toBe(0);

    node.tick(5);
    expect(node.disk.hardState.commitIndex).toBe(2);
  });

  it('entries are handed out for applying in portions, the next one when the one before is applied', () => {
    const node = new TestNode('a', {
      isManual: true,
      config: { applyBytesMax: 1 },
      durable: durableState({ terms: [1, 1], commitIndex: 2 }),
    });
    expect(node.unapplied.map((entry) => entry.index)).toEqual([1]);
    node.tick();
    expect(node.unapplied.map((entry) => entry.index)).toEqual([1]);
    node.apply();
    expect(node.unapplied.map((entry) => entry.index)).toEqual([2]);
  });

  it('§3.8 after a restart what was committed is applied before there is a leader', () => {
    const node = new TestNode('a', { durable: durableState({ terms: [1, 1, 1], commitIndex: 2 }) });
    expect(node.applied).toEqual(['1=v1.1', '2=v2.1']);
    expect(node.state.leaderId).toBeNull();
  });
});

describe('pre-vote and check-quorum', () => {
  it('§9.6 a node asks first, in the term to come, and nothing changes by asking', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 4, votedFor: 'c' }) });
    node.timeout();

    expect(node.state).toMatchObject({ role: 'preCandidate', currentTerm: 4, votedFor: 'c' });
    expect(node.says()).toEqual([
      'a->b RequestVote term=5 last=0:0 preVote',
      'a->c RequestVote term=5 last=0:0 preVote',
    ]);
    expect(node.disk.hardState).toMatchObject({ currentTerm: 4, votedFor: 'c' });
  });

  it('§9.6 a voter answers a pre-vote without changing term, vote or timer', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 4 }) });
    node.tick(timeoutTicks - 1);
    node.step(
      message('b->a', 9, 'requestVote', { preVote: true }),
      message('c->a', 9, 'requestVote', { preVote: true }),
    );

    expect(node.says()).toEqual([
      'a->b RequestVoteResponse term=9 preVote granted',
      'a->c RequestVoteResponse term=9 preVote granted',
    ]);
    expect(node.state).toMatchObject({ currentTerm: 4, votedFor: null });
    node.tick();
    expect(node.state.role).toBe('preCandidate');
  });

  it('§9.6 a majority of pre-votes starts the election; grants for another term do not', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 4 }) });
    node.timeout();
    node.step(
      message('b->a', 4, 'requestVoteResponse', { preVote: true }),
      message('b->a', 6, 'requestVoteResponse', { preVote: true }),
    );
    expect(node.state).toMatchObject({ role: 'preCandidate', currentTerm: 4 });

    node.step(message('c->a', 5, 'requestVoteResponse', { preVote: true }));
    expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 5, votedFor: 'a' });
  });

  it('§9.6 a pre-vote is no vote: its grants do not elect anybody', () => {
    const node = new TestNode('a');
    node.timeout();
    node.step(message('b->a', 1, 'requestVoteResponse', { preVote: true }));
    node.step(message('c->a', 1, 'requestVoteResponse', { preVote: true }));
    expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 1 });
  });

  it('§9.6 a refused pre-vote tells a higher term, in which the node then follows', () => {
    const node = new TestNode('a');
    node.timeout();
    node.step(message('b->a', 8, 'requestVoteResponse', { preVote: true, granted: false }));
    expect(node.state).toMatchObject({ role: 'follower', currentTerm: 8 });
  });

  it('§9.6 a node that was cut off neither raises terms nor deposes the leader when it comes back', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.cut('c');
    cluster.run(5 * timeoutTicks);
    cluster.heal();
    cluster.run(5 * timeoutTicks);

    expect(cluster.leaders).toEqual(['a']);
    expect(cluster.node('c').state).toMatchObject({ role: 'follower', currentTerm: 1, leaderId: 'a' });
  });

  it.each([true, false])(
    '§4.2.3 no vote (pre-vote %s) is given while a leader is heard, and the term stays',
    (preVote) => {
      const node = new TestNode('a', { durable: durableState({ currentTerm: 1 }) });
      node.step(message('b->a', 1, 'heartbeat'));
      node.takeMessages();
      node.tick(electionTicks - 1);
      node.step(message('c->a', 2, 'requestVote', { preVote, lastLogIndex: 9, lastLogTerm: 1 }));
      expect(node.state).toMatchObject({ currentTerm: 1, votedFor: null, leaderId: 'b' });
      expect(node.says().filter((line) => line.includes('granted'))).toEqual([]);

      node.tick();
      node.step(message('c->a', 2, 'requestVote', { preVote, lastLogIndex: 9, lastLogTerm: 1 }));
      expect(node.says()).toEqual([`a->c RequestVoteResponse term=2 ${preVote ? 'preVote ' : ''}granted`]);
    },
  );

  it('§4.2.3 a leader does not listen to campaigns of later terms, unless it asked for one', () => {
    const node = leadingNode();
    node.step(message('b->a', 5, 'requestVote', { lastLogIndex: 9, lastLogTerm: 1 }));
    expect(node.state).toMatchObject({ role: 'leader', currentTerm: 1 });

    node.step(message('b->a', 5, 'requestVote', { lastLogIndex: 9, lastLogTerm: 1, leaderTransfer: true }));
    expect(node.state).toMatchObject({ role: 'follower', currentTerm: 5, votedFor: 'b' });
  });

  it('§6.2 a leader that hears no quorum for an election timeout steps down', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c d e') }) });
    node.tick(electionTicks - 1);
    node.step(message('b->a', 1, 'heartbeatResponse'), message('c->a', 1, 'heartbeatResponse'));
    node.tick();
    expect(node.state.role).toBe('leader');

    node.step(message('b->a', 1, 'heartbeatResponse', { round: 2 }));
    node.tick(electionTicks);
    expect(node.state).toMatchObject({ role: 'follower', currentTerm: 1, leaderId: null });
  });

  it('§6.2 learners and strangers do not keep a leader', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c', 'd e') }) });
    node.step(
      message('d->a', 1, 'heartbeatResponse'),
      message('e->a', 1, 'heartbeatResponse'),
      message('z->a', 1, 'heartbeatResponse'),
    );
    node.tick(electionTicks);
    expect(node.state.role).toBe('follower');
  });
});

describe('leadership transfer', () => {
  it('§3.10 the target is told to campaign once it stores the whole log, and no proposal is taken meanwhile', () => {
    const node = leadingNode();
    node.propose('x');
    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    node.takeMessages();
    expect(node.transfer('b')).toBe('b');
    expect(node.says().filter((line) => line.includes('TimeoutNow'))).toEqual([]);
    node.propose('y');
    expect(node.proposalOutcomes.at(-1)).toMatchObject({ kind: 'refused', reason: 'transferring' });

    node.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 2 }));
    expect(node.says()).toContain('a->b TimeoutNow term=1');
  });

  it('§3.10 the target wins although everybody hears the leader', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.node('a').transfer('c');
    cluster.stabilize();

    expect(cluster.leaders).toEqual(['c']);
    expect(cluster.node('a').state).toMatchObject({ currentTerm: 2, leaderId: 'c' });
  });

  it('§3.10 a transfer that takes an election timeout is given up, and the leader serves again', () => {
    const node = leadingNode();
    node.transfer('b');
    node.tick(electionTicks - 1);
    node.step(message('c->a', 1, 'heartbeatResponse'));
    node.tick();
    node.propose('x');

    expect(node.proposalOutcomes).toMatchObject([{ kind: 'accepted', index: 2 }]);
  });

  it('§3.10 nobody but another voter is a target; without one the voter that stores most is chosen', () => {
    const node = leadingNode({ durable: durableState({ configuration: members('a b c', 'd') }) });
    expect(node.transfer('a')).toBeNull();
    expect(node.transfer('d')).toBeNull();
    expect(node.transfer('z')).toBeNull();
    expect(node.transfer(null)).toBeNull();

    node.step(message('b->a', 1, 'heartbeatResponse'), message('c->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    expect(node.transfer(null)).toBe('c');
    expect(new TestNode('b').transfer('a')).toBeNull();
  });

  it('§3.10 only the leader of the term can ask for a campaign', () => {
    const node = new TestNode('a', { durable: durableState({ currentTerm: 2 }) });
    node.step(message('b->a', 2, 'heartbeat'));
    node.step(message('c->a', 2, 'timeoutNow'), message('b->a', 1, 'timeoutNow'));
    expect(node.state.role).toBe('follower');

    node.step(message('b->a', 2, 'timeoutNow'));
    expect(node.state).toMatchObject({ role: 'candidate', currentTerm: 3 });
  });
});
