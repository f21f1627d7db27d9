import { assert } from '../../src/lib/assert.js';
import { message } from './raft-builders.js';
import { TestNode } from './raft-node.js';
import type { TestNodeOptions } from './raft-node.js';

/** Node a as the leader of the term after the one that it starts in, its opening entry durable here alone. */
export function leadingNode(options: TestNodeOptions = {}): TestNode {
  const node = new TestNode('a', options);
  node.timeout();
  for (const preVote of [true, false]) {
    for (const from of node.state.configuration.voterIds) {
      const term = node.state.currentTerm + (preVote ? 1 : 0);
      if (from !== 'a' && node.state.role === (preVote ? 'preCandidate' : 'candidate')) {
        node.step(message(`${from}->a`, term, 'requestVoteResponse', { preVote }));
      }
    }
  }
  assert(node.state.isLeader, 'a was elected');
  node.takeMessages();
  node.takeLines();
  return node;
}
