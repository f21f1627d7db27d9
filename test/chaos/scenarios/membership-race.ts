import { at } from '../../../src/lib/assert.js';
import type { ChaosStage } from '../chaos-stage.js';
import type { ChaosNode } from '../cluster/chaos-node.js';
import { passing } from '../network/link.js';
import { between, bothWays } from '../network/network.js';
import { readKey } from '../workload/reads.js';
import { putKey } from '../workload/writes.js';
import { pinnedClient } from './pinned-client.js';
import type { Scenario } from './run-scenario.js';

/** Long, so that the leader finds the new members before it misses the old ones, also on a slow machine. */
const electionTimeoutMs = 6000;

/** Writes that each side tries at most; without answers it stops after some election timeouts. */
const attemptsMax = 20;
const playMs = 4 * electionTimeoutMs;

const thinkMs = 25;

/**
 * Two learners become voters at once, while the leader has lost the other members.
 *
 * The leader L, A and B are the voters, D and E learners that lag. Then L sees D and E alone. With one change at a time
 * L makes D a voter and must find three of L, A, B, D, which it cannot: it steps down. With two at once it has L, D, E
 * of five voters, while A and B are two of the three that they know: two leaders, both of which acknowledge.
 */
export const membershipRace: Scenario = {
  plan: {
    nodeCount: 3,
    clients: ['left', 'right'],
    flags: ['-election-timeout-ms', String(electionTimeoutMs), '-dial-backoff-max-ms', '100'],
  },
  play: async (stage) => {
    const { cluster, network } = stage;
    const leader = await cluster.someLeader();
    const others = cluster.nodes.filter((node) => node !== leader);
    const learners = [await cluster.prepareNode(), await cluster.prepareNode()];
    const [left, right] = [ids([leader]), ids(others)];
    network.set(bothWays(between([...left, ...right], ids(learners))), { kind: 'hold' });
    for (const learner of learners) {
      learner.start(...cluster.joinFlags(learner));
    }
    await cluster.until(
      async () => ((await cluster.view(leader))?.members.length ?? 0) === 5,
      'the learners are not in',
    );
    stage.print(`${leader.id} keeps ${ids(learners).join(', ')} and loses ${right.join(', ')}`);
    network.set(bothWays(between(left, right)), { kind: 'hold' });
    network.set(bothWays(between(left, ids(learners))), passing);
    await Promise.all([
      work(stage, { name: 'left', node: leader }),
      work(stage, { name: 'right', node: at(others, 0) }),
    ]);
  },
};

async function work(stage: ChaosStage, side: { readonly name: string; readonly node: ChaosNode }): Promise<void> {
  const client = pinnedClient(stage, side.name, side.node);
  const untilMs = performance.now() + playMs;
  for (let attempt = 0; attempt < attemptsMax && performance.now() < untilMs; attempt += 1) {
    await putKey(client, { key: `shared/${attempt % 5}`, condition: {} }, { isRepeatable: false, paddingBytes: 0 });
    await readKey(client, `shared/${attempt % 5}`, 'consistent');
    await client.think(thinkMs);
  }
  client.close();
}

function ids(nodes: readonly ChaosNode[]): string[] {
  return nodes.map(({ id }) => id);
}
