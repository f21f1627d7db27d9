import { expect, it } from '@jest/globals';
import { LoopCluster } from '../../test/support/loop-cluster.js';
import { members } from '../../test/support/raft-builders.js';

// The leader takes a number that is lower than one it has seen for a copy that came late, and says nothing.
it('a follower hands on a change of the members and a later write in the same turn, and both are carried out', () => {
  const cluster = new LoopCluster(members('a b c', 'd'), 1000);
  cluster.elect('a');
  const follower = cluster.node('b');
  let outcome: unknown = 'none';
  const caller = {
    resolve: () => (outcome = 'resolved'),
    reject: (error: unknown) => (outcome = error),
  };
  follower.loop.proposals.add({ kind: 'change', change: { kind: 'remove', id: 'd' } }, caller, Infinity);
  follower.propose('after');
  cluster.deliver();
  expect(outcome).toBe('resolved');
  expect(follower.loop.proposals.size).toBe(0);
  expect(follower.core.state.configuration.member('d')).toBeUndefined();
});
