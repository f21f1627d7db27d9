import { describe, expect, it } from '@jest/globals';
import type { ProgressOutcome } from '../../src/raft/index.js';
import { leadingNode } from '../support/leading-node.js';
import { durableState, electionTicks, members, message } from '../support/raft-builders.js';
import { TestNode } from '../support/raft-node.js';

function ask(node: TestNode, request: number): readonly ProgressOutcome[] {
  return node.input((core) => {
    core.askProgress(request);
  }).progress;
}

describe('what the leader knows of the members', () => {
  it('is answered at once on the leader', () => {
    const leader = leadingNode({ durable: durableState({ configuration: members('a b c') }) });
    leader.tick(1);
    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    leader.tick(1);
    expect(ask(leader, 7)).toEqual([
      {
        request: 7,
        members: [
          { id: 'a', matchIndex: 1, lastContactMs: 0, healthy: true },
          { id: 'b', matchIndex: 1, lastContactMs: 100, healthy: true },
          { id: 'c', matchIndex: 0, lastContactMs: null, healthy: false },
        ],
      },
    ]);
  });

  it('is no longer healthy after an election timeout of silence', () => {
    const leader = leadingNode({
      config: { checkQuorum: false },
      durable: durableState({ configuration: members('a b c') }),
    });
    leader.step(message('b->a', 1, 'appendEntriesResponse', { matchIndex: 1 }));
    leader.tick(electionTicks);
    expect(ask(leader, 1)[0]?.members?.find(({ id }) => id === 'b')).toMatchObject({ healthy: false });
  });

  it('is asked of the leader by a follower, who passes its answer on', () => {
    const follower = new TestNode('a', { durable: durableState({ configuration: members('a b c') }) });
    follower.step(message('b->a', 1, 'heartbeat'));
    follower.takeMessages();
    expect(ask(follower, 3)).toEqual([]);
    expect(follower.says()).toEqual(['a->b ProgressRequest term=1 request=3']);
    const known = [{ id: 'b', matchIndex: 9, lastContactMs: 0, healthy: true }];
    const answer = follower.input((core) => {
      core.step(message('b->a', 1, 'progressResponse', { request: 3, members: known }));
    });
    expect(answer.progress).toEqual([{ request: 3, members: known }]);
  });

  it('is null where nobody leads, or whoever was asked does not', () => {
    const follower = new TestNode('a', { durable: durableState({ configuration: members('a b c') }) });
    expect(ask(follower, 1)).toEqual([{ request: 1, members: null }]);
    follower.step(message('b->a', 1, 'progressRequest', { request: 4 }));
    expect(follower.says()).toEqual(['a->b ProgressResponse term=1 request=4 notLeader']);
  });
});
