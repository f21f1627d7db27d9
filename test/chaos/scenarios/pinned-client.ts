import type { ChaosStage } from '../chaos-stage.js';
import type { ChaosNode } from '../cluster/chaos-node.js';
import { Client } from '../workload/client.js';

/** A client that asks this node and no other; null: whichever answers, until it is pinned. */
export function pinnedClient(
  { cluster, recorder, random }: ChaosStage,
  name: string,
  node: ChaosNode | null = null,
): Client {
  const client = new Client(name, { cluster, recorder, random: random.fork() });
  client.pinnedTo = node;
  return client;
}
