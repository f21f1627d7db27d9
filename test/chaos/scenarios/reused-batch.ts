import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../../../src/lib/assert.js';
import { passing } from '../network/link.js';
import { readKey } from '../workload/reads.js';
import { putKey } from '../workload/writes.js';
import { pinnedClient } from './pinned-client.js';
import type { Scenario } from './run-scenario.js';

/** Several heartbeats: a follower has asked again for a read that it got no answer to. Nothing outside shows when. */
const askedAgainMs = 350;

const rounds = 3;

/**
 * An answer to an earlier request for a read index comes late, and must not answer the reads that came since.
 *
 * Follower F asks the leader for a read and the answer is held up. A write is acknowledged meanwhile, a second read comes
 * to F, and F asks for both again. Then what was held up trickles in: first the answer to the first request, whose
 * index lies before the write, long after it the write itself.
 */
export const reusedBatch: Scenario = {
  plan: { nodeCount: 3, clients: ['writer', 'early', 'late'], flags: ['-election-timeout-ms', '8000'] },
  play: async (stage) => {
    const { cluster, network } = stage;
    const [writer, early, late] = [
      pinnedClient(stage, 'writer'),
      pinnedClient(stage, 'early'),
      pinnedClient(stage, 'late'),
    ];
    for (let round = 0; round < rounds; round += 1) {
      const leader = await cluster.someLeader();
      const follower = at(
        cluster.nodes.filter((node) => node !== leader),
        0,
      );
      [writer.pinnedTo, early.pinnedTo, late.pinnedTo] = [leader, follower, follower];
      const key = `round/${round}`;
      const target = { key, condition: {} };
      await putKey(writer, target, { isRepeatable: false, paddingBytes: 0 });
      await readKey(early, key, 'consistent');
      network.set([[leader.id, follower.id]], { kind: 'hold' });
      const first = readKey(early, key, 'consistent');
      await sleep(askedAgainMs);
      await putKey(writer, target, { isRepeatable: false, paddingBytes: 256 * 1024 });
      const second = readKey(late, key, 'consistent');
      await sleep(askedAgainMs);
      stage.print(`what ${leader.id} said to ${follower.id} trickles in`);
      network.set([[leader.id, follower.id]], { kind: 'throttle', bytesPerSecond: 64 * 1024 });
      await Promise.all([first, second]);
      network.set([[leader.id, follower.id]], passing);
      await cluster.settle();
    }
    [writer, early, late].forEach((client) => {
      client.close();
    });
  },
};
