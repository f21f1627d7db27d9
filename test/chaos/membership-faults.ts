import { pick, spread } from '../simulation/draw.js';
import type { ChaosNode } from './cluster/chaos-node.js';
import type { ProcessFaultKind } from './fault-kinds.js';
import type { Fault, FaultDraw } from './faults.js';
import { send } from './workload/http-request.js';

/** How long a removal may take, in milliseconds. */
const removalMs = 5000;

/**
 * A member is removed while it runs, in half of the draws the leader. After a while its process is killed and started
 * again, finds out, sets its data aside and joins as a new instance; where it was not removed it goes on as it was.
 */
export function removingNode(kind: ProcessFaultKind, { cluster, random, leader, holdMsMax }: FaultDraw): Fault | null {
  const node = random.chance(0.5) && leader !== null ? leader : pick(random, cluster.nodes);
  const others = cluster.nodes.filter((other) => other !== node && other.isRunning);
  if (others.length < 2) {
    return null;
  }
  const asked = pick(random, random.chance(0.5) ? others : [node]);
  return {
    kind,
    text: `${node.id} is removed, by a request to ${asked.id}, and comes back`,
    holdMs: spread(random, { from: 500, to: holdMsMax }),
    begin: async () => {
      if (await cluster.isWhole()) {
        await remove(node, asked);
      }
    },
    end: async () => {
      await node.kill();
      node.start(...cluster.joinFlags(node));
    },
  };
}

/** A request that fails may have been heard; whoever was not removed finds that out. */
async function remove(node: ChaosNode, asked: ChaosNode): Promise<void> {
  const { httpPort: port } = asked.plan;
  const path = `/cluster/members/${node.id}`;
  await send(false, { port, method: 'DELETE', path, timeoutMs: removalMs }).catch(() => undefined);
}

/** A member loses its disk and comes back as its own replacement; only while all others vote, as an operator would. */
export function replacingNode(kind: ProcessFaultKind, { cluster, random, leader, holdMsMax }: FaultDraw): Fault {
  const node = random.chance(0.5) && leader !== null ? leader : pick(random, cluster.nodes);
  const chosen = { isWiped: false };
  return {
    kind,
    text: `${node.id} loses its disk and is replaced`,
    holdMs: spread(random, { from: 100, to: holdMsMax }),
    begin: async () => {
      await node.kill();
      if (await cluster.isWhole(node)) {
        chosen.isWiped = true;
        await cluster.wipe(node);
      }
    },
    end: async () => {
      if (!node.isRunning) {
        node.start(...cluster.joinFlags(node));
      }
      if (chosen.isWiped) {
        // Before its replacement holds everything, no other disk may go.
        await cluster.until(() => cluster.isWhole(), `${node.id} was not replaced`);
      }
    },
  };
}
