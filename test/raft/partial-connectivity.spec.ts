import { describe, expect, it } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { electionTicks } from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';

const seeds = Array.from({ length: 20 }, (_, position) => position + 1);

/** All directed links between nodes that no pair of `links` joins. */
function missingLinks(ids: readonly string[], links: readonly string[]): string[] {
  return ids.flatMap((from) =>
    ids
      .filter((to) => to !== from && !links.includes(`${from}${to}`) && !links.includes(`${to}${from}`))
      .map((to) => `${from}>${to}`),
  );
}

function highestTerm(cluster: RaftCluster): number {
  return Math.max(...[...cluster.nodes.values()].map((node) => node.state.currentTerm));
}

/** Whether what the leader appends now is committed by it. */
function commits(cluster: RaftCluster, leaderId: string): boolean {
  const leader = cluster.node(leaderId);
  leader.propose('x');
  cluster.stabilize();
  return leader.state.isLeader && leader.state.commitIndex === leader.state.log.lastIndex;
}

/** The only leader that hears a quorum: one that is about to step down may still call itself one. */
function effectiveLeader(cluster: RaftCluster): string {
  return at(
    cluster.leaders.filter((id) => commits(cluster, id)),
    0,
  );
}

/** Makes `id` the leader of a cluster that works. */
function lead(cluster: RaftCluster, id: string): void {
  cluster.run(10 * electionTicks);
  const elected = effectiveLeader(cluster);
  if (elected !== id) {
    cluster.node(elected).transfer(id);
    cluster.stabilize();
  }
  expect(cluster.leaders).toEqual([id]);
}

describe.each(seeds)('with some links gone (seed %i)', (seed) => {
  it('two nodes that are no longer joined do not unseat each other: one leader stays', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const cluster = new RaftCluster(ids, { seed });
    lead(cluster, 'c');
    cluster.cutLink(...missingLinks(ids, ['ab', 'ac', 'bc', 'bd', 'ce']));
    cluster.run(10 * electionTicks);
    const leader = effectiveLeader(cluster);
    const term = highestTerm(cluster);
    cluster.run(100 * electionTicks);
    expect([effectiveLeader(cluster), highestTerm(cluster)]).toEqual([leader, term]);
  });

  it('a chain of three keeps its leader: who cannot hear it is refused by who can', () => {
    const cluster = new RaftCluster(['a', 'b', 'c'], { seed });
    lead(cluster, 'a');
    const term = highestTerm(cluster);
    cluster.cutLink('a>c', 'c>a');
    cluster.run(100 * electionTicks);
    expect([cluster.leaders, highestTerm(cluster)]).toEqual([['a'], term]);
  });

  it('a star elects its centre once the leader at a tip has lost its quorum', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const cluster = new RaftCluster(ids, { seed });
    lead(cluster, 'c');
    cluster.cutLink(...missingLinks(ids, ['ab', 'ac', 'ad', 'ae']));
    cluster.run(10 * electionTicks);
    expect(cluster.node('c').state.isLeader).toBe(false);
    expect(effectiveLeader(cluster)).toBe('a');
  });

  it('a star whose centre lags recovers as soon as a link is mended', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const cluster = new RaftCluster(ids, { seed });
    lead(cluster, 'c');
    cluster.cut('a');
    cluster.node('c').propose('not on a');
    cluster.stabilize();
    cluster.heal();
    cluster.cutLink(...missingLinks(ids, ['ab', 'ac', 'ad', 'ae']), 'c>a');
    cluster.run(10 * electionTicks);
    cluster.heal();
    cluster.run(10 * electionTicks);
    expect(commits(cluster, effectiveLeader(cluster))).toBe(true);
  });

  it('a leader that is no longer heard is replaced', () => {
    const cluster = new RaftCluster(['a', 'b', 'c'], { seed });
    lead(cluster, 'a');
    cluster.cutLink('a>b', 'a>c');
    cluster.run(10 * electionTicks);
    expect(effectiveLeader(cluster)).not.toBe('a');
    expect(cluster.node('a').state.isLeader).toBe(false);
  });

  it('a leader that hears nobody steps down within an election timeout or two, though it is heard', () => {
    const cluster = new RaftCluster(['a', 'b', 'c'], { seed });
    lead(cluster, 'a');
    cluster.cutLink('b>a', 'c>a');
    cluster.run(2 * electionTicks);
    expect(cluster.node('a').state.isLeader).toBe(false);
    cluster.run(10 * electionTicks);
    expect(effectiveLeader(cluster)).not.toBe('a');
  });
});

describe('small clusters', () => {
  it('one voter leads by itself and commits what it writes', () => {
    const cluster = new RaftCluster(['a']);
    cluster.run(1);
    expect(commits(cluster, 'a')).toBe(true);
  });

  it('of two voters neither commits without the other, and both go on together', () => {
    const cluster = new RaftCluster(['a', 'b'], { seed: 1 });
    lead(cluster, 'a');
    cluster.cut('b');
    expect(commits(cluster, 'a')).toBe(false);
    cluster.run(3 * electionTicks);
    expect(cluster.leaders).toEqual([]);
    cluster.heal();
    cluster.run(10 * electionTicks);
    expect(commits(cluster, effectiveLeader(cluster))).toBe(true);
  });
});
