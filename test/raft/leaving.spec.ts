import { describe, expect, it } from '@jest/globals';
import { leadingNode } from '../support/leading-node.js';
import { durableState, electionTicks, instanceOf, members, message } from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import type { TestNode } from '../support/raft-node.js';

/** The leader a of `configuration`, its term opened with the answers of `heard`; nobody else ever spoke. */
function leaderThatHears(configuration: string, heard: readonly string[]): TestNode {
  const node = leadingNode({ durable: durableState({ configuration: members(configuration) }) });
  for (const id of heard) {
    node.step(message(`${id}->a`, 1, 'appendEntriesResponse', { matchIndex: 1 }));
  }
  node.takeMessages();
  return node;
}

function refusalOf(leader: TestNode, id: string): string | null {
  leader.change({ kind: 'remove', id });
  const outcome = leader.proposalOutcomes.at(-1);
  return outcome?.kind === 'refused' ? outcome.reason : null;
}

/** Lets an election timeout pass in which only `heard` speak. */
function pass(leader: TestNode, heard: readonly string[]): void {
  leader.tick(electionTicks);
  for (const id of heard) {
    leader.step(message(`${id}->a`, 1, 'heartbeatResponse', { round: 1, durableIndex: 1 }));
  }
}

describe('a member is removed', () => {
  it('where a majority of the others is heard, also itself unheard', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c']);
    pass(leader, ['b', 'c']);
    expect(refusalOf(leader, 'd')).toBeNull();
  });

  it('never where of the others no majority is heard', () => {
    const leader = leaderThatHears('a b c', ['b', 'c']);
    pass(leader, ['b']);
    expect(refusalOf(leader, 'b')).toBe('quorumAtRisk');
    expect(leader.state.configuration.voterIds).toEqual(['a', 'b', 'c']);
    expect(refusalOf(leader, 'c')).toBeNull();
  });

  it('only when a new leader could hear the others', () => {
    const leader = leaderThatHears('a b c', ['b']);
    expect(refusalOf(leader, 'b')).toBe('notReady');
    leader.step(message('c->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    expect(refusalOf(leader, 'b')).toBeNull();
  });

  it('unless there is none of that id, or it is the only voter', () => {
    const leader = leaderThatHears('a', []);
    expect(refusalOf(leader, 'z')).toBe('unknownMember');
    expect(refusalOf(leader, 'a')).toBe('lastVoter');
  });
});

describe('a silent member', () => {
  const remove = (leader: TestNode, changes: object = {}): readonly string[] => {
    leader.core.removeSilent({ id: 'd', instanceId: instanceOf('d'), term: leader.state.currentTerm, ...changes });
    leader.takeMessages();
    return leader.state.configuration.voterIds;
  };

  it('is removed by the leader that does not hear it', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c']);
    pass(leader, ['b', 'c']);
    expect(remove(leader)).toEqual(['a', 'b', 'c']);
  });

  it('stays where this leader hears it, in another term, as another instance, and where too few would be left', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c']);
    pass(leader, ['b', 'c', 'd']);
    expect(remove(leader)).toHaveLength(4);
    pass(leader, ['b', 'c']);
    expect(remove(leader, { term: leader.state.currentTerm - 1 })).toHaveLength(4);
    expect(remove(leader, { instanceId: 'another' })).toHaveLength(4);
    pass(leader, ['b']);
    pass(leader, []);
    expect(remove(leader)).toHaveLength(4);
  });
});

describe('leadership is handed over on request', () => {
  it('by a follower that passes it on to its leader, to the voter that was named', () => {
    const cluster = new RaftCluster(['a', 'b', 'c']);
    cluster.elect('a');
    cluster.stabilize();
    cluster.node('b').input((core) => {
      core.requestHandOver('c');
    });
    cluster.stabilize();
    expect(cluster.leaders).toEqual(['c']);
  });

  it('to whoever stores most where nobody was named', () => {
    const leader = leaderThatHears('a b c', ['b', 'c']);
    leader.step(message('b->a', 1, 'handOver'));
    expect(leader.state.transfer?.target).toBe('b');
  });

  it('not for whoever is no member, nor for another instance of one', () => {
    const leader = leaderThatHears('a b c', ['b', 'c']);
    leader.step(message('z->a', 1, 'handOver'));
    leader.step({ ...message('b->a', 1, 'handOver'), fromInstance: `${instanceOf('b')}-wiped` });
    expect(leader.state.transfer).toBeNull();
  });

  it('once: a transfer that is under way goes on', () => {
    const leader = leaderThatHears('a b c', ['b', 'c']);
    leader.step(message('b->a', 1, 'handOver', { target: 'b' }));
    leader.step(message('b->a', 1, 'handOver', { target: 'c' }));
    expect(leader.state.transfer?.target).toBe('b');
  });

  it('by nobody where no leader is known, and in no other term', () => {
    const leader = leaderThatHears('a b c', ['b', 'c']);
    leader.step(message('b->a', 0, 'handOver'));
    expect(leader.state.transfer).toBeNull();
  });
});

describe('a member is replaced', () => {
  const address = { httpAddr: 'd:80', raftAddr: 'd:90' };
  const replaceBy = (leader: TestNode, instanceId: string | null): void => {
    leader.change({ kind: 'join', member: { id: 'd', instanceId, ...address, promote: true }, replace: true });
  };

  it('by whoever comes next under its id where the request names no instance', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c', 'd']);
    replaceBy(leader, null);
    expect(leader.state.configuration.member('d')).toMatchObject({ role: 'learner', instanceId: '' });
  });

  it('by the instance that is named', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c', 'd']);
    replaceBy(leader, 'd-new');
    expect(leader.state.configuration.member('d')).toMatchObject({ role: 'learner', instanceId: 'd-new' });
  });

  it('not by itself: the same instance stays what it is', () => {
    const leader = leaderThatHears('a b c d', ['b', 'c', 'd']);
    replaceBy(leader, instanceOf('d'));
    expect(leader.state.configuration.member('d')).toMatchObject({ role: 'voter', instanceId: instanceOf('d') });
  });
});
