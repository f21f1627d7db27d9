import { at } from '../../../src/lib/assert.js';
import type { ChaosStage } from '../chaos-stage.js';
import type { ChaosNode } from '../cluster/chaos-node.js';
import { passing } from '../network/link.js';
import { between, bothWays } from '../network/network.js';
import { readKey } from '../workload/reads.js';
import { putKey } from '../workload/writes.js';
import { pinnedClient } from './pinned-client.js';
import type { Scenario } from './run-scenario.js';

const electionTimeoutMs = 1500;

/** In about two rounds of three the others have a new leader before the old one steps down. */
const rounds = 6;

/** A round: the old leader is sure to have stepped down, and the others to have a new one. */
const roundMs = 3 * electionTimeoutMs;

const thinkMs = 10;

/**
 * A leader is cut off and reads go on at it, while the others elect another one and take writes.
 *
 * Until it notices, it may answer `stale` and `default` reads from what it has; a `consistent` one must wait for a quorum.
 */
export const deposedLeader: Scenario = {
  plan: {
    nodeCount: 3,
    clients: ['writer', 'reader'],
    flags: ['-election-timeout-ms', String(electionTimeoutMs), '-dial-backoff-max-ms', '100'],
  },
  play: async (stage) => {
    const { cluster, network, random } = stage;
    for (let round = 0; round < rounds; round += 1) {
      const leader = await cluster.someLeader();
      const others = cluster.nodes.filter((node) => node !== leader);
      const cut = bothWays(
        between(
          [leader.id],
          others.map(({ id }) => id),
        ),
      );
      stage.print(`${leader.id} is cut off, reads go on there`);
      network.set(cut, { kind: random.chance(0.5) ? 'hold' : 'drop' });
      const untilMs = performance.now() + roundMs;
      await Promise.all([
        read(stage, { node: leader, untilMs, round }),
        write(stage, { node: at(others, 0), untilMs, round }),
      ]);
      network.set(cut, passing);
      await cluster.settle();
    }
  },
};

interface Side {
  readonly node: ChaosNode;
  readonly untilMs: number;
  readonly round: number;
}

async function read(stage: ChaosStage, { node, untilMs, round }: Side): Promise<void> {
  const client = pinnedClient(stage, 'reader', node);
  while (performance.now() < untilMs) {
    await Promise.all(
      (['consistent', 'default', 'stale'] as const).map((level) => readKey(client, `round/${round}`, level)),
    );
    await client.think(thinkMs);
  }
  client.close();
}

async function write(stage: ChaosStage, { node, untilMs, round }: Side): Promise<void> {
  const client = pinnedClient(stage, 'writer', node);
  while (performance.now() < untilMs) {
    await putKey(client, { key: `round/${round}`, condition: {} }, { isRepeatable: true, paddingBytes: 0 });
    await client.think(thinkMs);
  }
  client.close();
}
