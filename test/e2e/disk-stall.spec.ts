import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Failpoints } from '../support/failpoints.js';
import { read } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

/** Each write of a stalled disk takes this long, in milliseconds. */
const stallMs = 5000;

let cluster: ProcessCluster;
const failpoints = new Map<string, Failpoints>();

beforeAll(async () => {
  cluster = await ProcessCluster.start(3, [], {
    env: (id, folder) => {
      const own = new Failpoints(join(folder, id));
      failpoints.set(id, own);
      return own.environment;
    },
  });
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

async function stall(node: NodeProcess): Promise<void> {
  const action = { kind: 'slow', ms: stallMs } as const;
  await failpoints.get(node.id)?.arm({ place: 'log.commit', when: 'before', skip: 0, action });
}

/** The disk works again: the node is ready and holds what the others hold. */
async function recover(node: NodeProcess): Promise<void> {
  await failpoints.get(node.id)?.disarm();
  await node.ready();
  expect(new Set(await cluster.settledChecksums()).size).toBe(1);
}

async function put(node: NodeProcess, key: string): Promise<number> {
  return (await node.json(`/key/${key}`, { method: 'PUT', body: '1' })).status;
}

/** Waits until the node says that its disk stalls: it lives and serves what it has, and is not sent requests. */
async function untilStalled(node: NodeProcess, key: string): Promise<void> {
  await node.until(
    async () => JSON.stringify((await node.json('/readyz?verbose=true')).body).includes('stalled'),
    30_000,
    'aware of its disk',
  );
  expect((await node.json('/livez')).status).toBe(200);
  expect(await read(node, key, 'stale')).toBe(1);
}

describe('a disk that stands still', () => {
  it('of the leader: what it was given is stored by the others, one of whom takes over', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [other = leader] = followers;
    const { term } = await cluster.view(other);
    await stall(leader);
    expect(await put(leader, 'given')).toBe(200);
    await untilStalled(leader, 'given');
    await other.until(
      async () => ![null, leader.id].includes((await cluster.view(other)).leaderId),
      30_000,
      'aware of another leader',
    );
    expect(await put(other, 'after')).toBe(200);
    const { leaderId } = await cluster.view(other);
    await recover(leader);
    // One election: neither the stall nor its end brought another.
    expect(await cluster.view(other)).toMatchObject({ term: term + 1, leaderId });
  }, 120_000);

  it('of a follower: the others go on under the same leader', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [follower = leader] = followers;
    const { term } = await cluster.view(leader);
    await stall(follower);
    expect(await put(leader, 'meanwhile')).toBe(200);
    await untilStalled(follower, 'given');
    expect(await put(leader, 'and')).toBe(200);
    await recover(follower);
    expect(await read(follower, 'and', 'consistent')).toBe(1);
    expect(await cluster.view(leader)).toMatchObject({ term, leaderId: leader.id });
  }, 120_000);
});
