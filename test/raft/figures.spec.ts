import { describe, expect, it } from '@jest/globals';
import { formatConfiguration } from '../../src/raft/index.js';
import { durableState, member, members } from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';

const plainElections = { preVote: false, checkQuorum: false };

describe('Figure 7: a leader of term 8 repairs every kind of follower', () => {
  const leaderTerms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const followers = {
    a: { terms: [1, 1, 1, 4, 4, 5, 5, 6, 6], wouldVote: true },
    b: { terms: [1, 1, 1, 4], wouldVote: true },
    c: { terms: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], wouldVote: false },
    d: { terms: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], wouldVote: false },
    e: { terms: [1, 1, 1, 4, 4, 4, 4], wouldVote: true },
    f: { terms: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], wouldVote: true },
  };
  const ids = Object.keys(followers);

  /** All seven servers of the figure, none of them with a commit index beyond what all share. */
  function sevenServers(): RaftCluster {
    const configuration = members('a b c d e f l');
    const durable = Object.fromEntries(
      Object.entries(followers).map(([id, { terms }]) => [
        id,
        durableState({ configuration, terms, currentTerm: 7, commitIndex: 3 }),
      ]),
    );
    const leader = durableState({ configuration, terms: leaderTerms, currentTerm: 7, commitIndex: 3 });
    return new RaftCluster([...ids, 'l'], {
      configuration,
      durable: { ...durable, l: leader },
      config: plainElections,
    });
  }

  it('the followers that may vote for it are those whose log is not more up to date', () => {
    const cluster = sevenServers();
    cluster.node('l').timeout();
    cluster.deliver({ type: 'requestVote' });
    const answers = cluster.take({ type: 'requestVoteResponse' }).map((answer) => {
      return [answer.from, answer.type === 'requestVoteResponse' && answer.granted];
    });

    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(Object.entries(followers).map(([id, { wouldVote }]) => [id, wouldVote])),
    );
  });

  it('every log becomes the leader’s, and nothing committed moves', () => {
    const cluster = sevenServers();
    const leader = cluster.elect('l');
    expect(leader.state.currentTerm).toBe(8);
    leader.propose('x');
    cluster.stabilize();
    leader.tick(2);
    cluster.stabilize();

    for (const id of ids) {
      expect(cluster.node(id).logTerms).toEqual([...leaderTerms, 8, 8]);
      expect(cluster.node(id).applied).toEqual(leader.applied);
      expect(cluster.node(id).disk.entries).toEqual(leader.disk.entries);
    }
    expect(leader.applied.slice(0, 3)).toEqual(['1=v1.1', '2=v2.1', '3=v3.1']);
  });

  it.each(ids)('follower %s alone needs no more than one refusal for each term in which it differs', (id) => {
    const configuration = members(`${id} l`);
    const { terms } = followers[id as keyof typeof followers];
    const cluster = new RaftCluster([id, 'l'], {
      config: plainElections,
      configuration,
      durable: {
        [id]: durableState({ configuration, terms, currentTerm: 7, commitIndex: 3 }),
        l: durableState({ configuration, terms: leaderTerms, currentTerm: 7, commitIndex: 3 }),
      },
    });
    const leader = cluster.node('l');
    leader.timeout();
    cluster.take();
    leader.step({
      type: 'requestVoteResponse',
      from: id,
      to: 'l',
      fromInstance: `${id}1`,
      term: 8,
      preVote: false,
      granted: true,
    });
    let refusals = 0;
    for (let round = 0; round < 20; round += 1) {
      cluster.deliver({ to: id });
      const answers = cluster.take({ from: id });
      refusals += answers.filter((answer) => answer.type === 'appendEntriesResponse' && !answer.success).length;
      leader.step(...answers);
    }

    expect(cluster.node(id).logTerms).toEqual([...leaderTerms, 8]);
    expect(refusals).toBeLessThanOrEqual(3);
  });
});

describe('Figure 8: a leader does not commit an entry of an earlier term by counting copies', () => {
  /** Steps (a) to (c): 2:2 of s1 is on s1, s2 and s3; s5 has 2:3; s1 leads term 4 with 3:4 on its own disk alone. */
  function untilStepC(): RaftCluster {
    const configuration = members('s1 s2 s3 s4 s5');
    const start = durableState({ configuration, terms: [1], currentTerm: 1, commitIndex: 1 });
    const ids = ['s1', 's2', 's3', 's4', 's5'];
    const cluster = new RaftCluster(ids, {
      config: plainElections,
      configuration,
      durable: Object.fromEntries(ids.map((id) => [id, start])),
    });

    cluster.node('s1').timeout();
    elections(cluster);
    cluster.deliver({ to: 's2', type: 'appendEntries' });
    cluster.drop();

    cluster.crash('s1');
    cluster.node('s5').timeout();
    elections(cluster);
    cluster.drop();

    cluster.crash('s5');
    cluster.restart('s1').timeout();
    elections(cluster);
    expect(cluster.node('s1').state.currentTerm).toBe(3);
    cluster.node('s1').timeout();
    elections(cluster);
    return cluster;
  }

  /** Delivers votes only: nothing is replicated. */
  function elections(cluster: RaftCluster): void {
    for (const type of ['requestVote', 'requestVoteResponse'] as const) {
      cluster.deliver({ type });
    }
  }

  function logs(cluster: RaftCluster, ids: readonly string[]): Record<string, number[]> {
    return Object.fromEntries(ids.map((id) => [id, cluster.node(id).logTerms]));
  }

  /** Gives s3 the leader's entry of term 2 and nothing after it, by refusing once. */
  function replicateTermTwo(cluster: RaftCluster): void {
    const leader = cluster.node('s1');
    const appends = cluster.take({ from: 's1', type: 'appendEntries' });
    const toS3 = appends.filter((append) => append.to === 's3');
    cluster.node('s3').step(...toS3);
    leader.step(...cluster.take({ from: 's3', to: 's1' }));
    for (const append of cluster.take({ from: 's1', to: 's3', type: 'appendEntries' })) {
      if (append.type === 'appendEntries') {
        cluster.node('s3').step({ ...append, entries: append.entries.filter((entry) => entry.index === 2) });
      }
    }
    leader.step(...cluster.take({ from: 's3', to: 's1' }));
    cluster.drop();
  }

  it('(c) 2:2 on three of five is not committed while no entry of term 4 is', () => {
    const cluster = untilStepC();
    expect(cluster.leaders).toEqual(['s1']);
    expect(cluster.node('s1').state.currentTerm).toBe(4);
    replicateTermTwo(cluster);
    cluster.node('s1').step({
      type: 'appendEntriesResponse',
      from: 's2',
      to: 's1',
      fromInstance: 's21',
      term: 4,
      success: true,
      prevLogIndex: 1,
      matchIndex: 2,
      hintIndex: 0,
      hintTerm: 0,
    });

    expect(logs(cluster, ['s1', 's2', 's3'])).toEqual({ s1: [1, 2, 4], s2: [1, 2], s3: [1, 2] });
    expect(cluster.node('s1').state.progress.get('s3')?.matchIndex).toBe(2);
    expect(cluster.node('s1').state.commitIndex).toBe(1);
  });

  it('(d) s5 can still lead and overwrite 2:2, which nobody was promised', () => {
    const cluster = untilStepC();
    replicateTermTwo(cluster);
    cluster.crash('s1');
    const leader = cluster.restart('s5');
    leader.timeout();
    elections(cluster);
    leader.timeout();
    elections(cluster);
    expect(leader.state).toMatchObject({ role: 'leader', currentTerm: 5 });
    cluster.restart('s1');
    leader.tick(2);
    cluster.stabilize();
    leader.tick(2);
    cluster.stabilize();

    expect(logs(cluster, ['s1', 's2', 's3', 's4'])).toEqual({
      s1: [1, 3, 5],
      s2: [1, 3, 5],
      s3: [1, 3, 5],
      s4: [1, 3, 5],
    });
    expect(cluster.safety.committedEntries).toEqual(['1:1 "v1.1"', '2:3 noop', '3:5 noop']);
  });

  it('(e) once an entry of term 4 is on a majority, 2:2 is committed with it and s5 cannot win', () => {
    const cluster = untilStepC();
    cluster.stabilize(['s1', 's2', 's3']);
    expect(cluster.node('s1').state.commitIndex).toBe(3);
    cluster.crash('s1');
    const loser = cluster.restart('s5');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      loser.timeout();
      elections(cluster);
      expect(loser.state.role).not.toBe('leader');
    }
    cluster.drop();
    cluster.elect('s2');
    cluster.node('s2').tick(2);
    cluster.stabilize();
    expect(loser.logTerms.slice(0, 3)).toEqual([1, 2, 4]);
  });
});

describe('the single-server membership bug of 2015', () => {
  it('two removals from the same members are never both committed', () => {
    const configuration = members('a b c d');
    const start = durableState({ configuration, terms: [1], currentTerm: 1, commitIndex: 1 });
    const ids = ['a', 'b', 'c', 'd'];
    const cluster = new RaftCluster(ids, {
      config: plainElections,
      configuration,
      durable: Object.fromEntries(ids.map((id) => [id, start])),
    });

    // a leads term 2, commits its opening entry and appends the removal of d on its own disk alone.
    const a = cluster.elect('a');
    a.change({ kind: 'remove', id: 'd' });
    cluster.cut('a');
    expect(formatConfiguration(a.state.configuration)).toBe('a b c');
    expect(a.state.commitIndex).toBe(2);

    // b leads term 3 with the old members. A change before its opening entry is committed is refused.
    const b = cluster.node('b');
    b.timeout();
    cluster.deliver({ type: 'requestVote' });
    cluster.deliver({ type: 'requestVoteResponse' });
    expect(b.state.role).toBe('leader');
    b.change({ kind: 'remove', id: 'a' });
    // A removal waits for another reason too: the new leader has not heard the others yet. A joiner waits for this alone.
    b.change({ kind: 'join', member: member('e'), replace: false });
    const notReady = { kind: 'refused', reason: 'notReady' };
    expect(b.proposalOutcomes).toMatchObject([notReady, notReady]);
    cluster.stabilize();
    b.change({ kind: 'remove', id: 'a' });
    cluster.stabilize();
    expect(b.proposalOutcomes.at(-1)).toMatchObject({ kind: 'accepted', index: 4 });
    expect(b.state.commitIndex).toBe(4);

    // b and d are cut off; a and c can talk. c holds b's opening entry and refuses a.
    cluster.heal();
    cluster.cut('b', 'd');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      a.timeout();
      cluster.stabilize(['a', 'c']);
      expect(a.state.role).not.toBe('leader');
    }

    // Together again, everybody ends with the one change that was committed.
    cluster.heal();
    b.tick(2);
    cluster.stabilize();
    for (let attempt = 0; attempt < 9 && !b.state.isLeader; attempt += 1) {
      b.timeout();
      cluster.stabilize();
    }
    b.tick(2);
    cluster.stabilize();
    for (const id of ['b', 'c', 'd']) {
      expect(formatConfiguration(cluster.node(id).state.configuration)).toBe('b c d');
    }
  });
});
