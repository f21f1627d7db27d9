import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';
import { SmallDisks } from '../support/small-disks.js';

const MIB = 2 ** 20;

/** Each node keeps this much of its disk free. */
const reserveBytes = 16 * MIB;

const disks = new SmallDisks();
let cluster: ProcessCluster;

const describeWhereAllowed = (await SmallDisks.areAllowed()) ? describe : describe.skip;

describeWhereAllowed('nodes on small disks', () => {
  beforeAll(async () => {
    cluster = await ProcessCluster.start(3, ['-storage-reserve-bytes', String(reserveBytes)], {
      prepare: async (dataDir) => {
        await disks.mount(dataDir);
      },
    });
  }, 120_000);

  afterAll(async () => {
    await disks.unmount();
    await cluster.destroy();
  }, 60_000);

  async function put(node: NodeProcess, key: string): Promise<number> {
    return (await node.json(`/key/${key}`, { method: 'PUT', body: '1' })).status;
  }

  async function isFull(node: NodeProcess): Promise<boolean> {
    const { body } = await node.json('/status');
    return (body as { storage: { isFull: boolean } }).storage.isFull;
  }

  it('the leader whose disk has no more than the reserve hands over', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [other = leader] = followers;
    const { term } = await cluster.view(other);
    await disks.fill(leader.dataDir, reserveBytes / 2);
    await other.until(
      async () => ![null, leader.id].includes((await cluster.view(other)).leaderId),
      30_000,
      'aware of another leader',
    );
    expect((await cluster.view(other)).term).toBe(term + 1);
    expect([await put(leader, 'a'), await put(other, 'b')]).toEqual([200, 200]);
    await disks.free(leader.dataDir);
  }, 120_000);

  it('with no more than the reserve anywhere, deletes and reads go on, and writes again once there is room', async () => {
    const [first = cluster.node('node01')] = cluster.nodes;
    await Promise.all(cluster.nodes.map((node) => disks.fill(node.dataDir, reserveBytes / 2)));
    // A leader that notices it first hands over to one that has not noticed it yet.
    await Promise.all(cluster.nodes.map((node) => node.until(() => isFull(node), 30_000, 'out of room')));
    await first.until(async () => (await put(first, 'c')) === 507, 30_000, 'without a leader that has room');
    for (const node of cluster.nodes) {
      expect(await put(node, 'refused')).toBe(507);
      expect((await node.json('/key/c', { method: 'DELETE' })).status).toBe(200);
      expect(await read(node, 'a', 'consistent')).toBe(1);
    }
    await Promise.all(cluster.nodes.map((node) => disks.free(node.dataDir)));
    await first.until(async () => (await put(first, 'd')) === 200, 30_000, 'back to writes');
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);

  it('a node whose disk holds nothing more is back by itself once it does', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [follower = leader] = followers;
    const pids = cluster.nodes.map((node) => node.pid);
    await disks.fill(follower.dataDir);
    const value = JSON.stringify('x'.repeat(MIB / 2));
    for (let number = 0; number < 10; number += 1) {
      expect((await leader.json(`/key/large-${number}`, { method: 'PUT', body: value })).status).toBe(200);
    }
    await follower.until(async () => (await follower.json('/readyz')).status === 503, 30_000, 'without its storage');
    expect(await read(follower, 'a', 'stale')).toBe(1);
    await disks.free(follower.dataDir);
    await follower.ready();
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
    expect(cluster.nodes.map((node) => node.pid)).toEqual(pids);
  }, 120_000);
});
