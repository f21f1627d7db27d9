import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';

let cluster: ProcessCluster;

/** A reserve that no volume of this machine has free: as little room as there is on a full one. */
beforeAll(async () => {
  const { bavail, bsize } = await statfs(tmpdir());
  cluster = await ProcessCluster.start(3, ['-storage-reserve-bytes', String(2 * bavail * bsize)]);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

describe('a cluster with little storage free', () => {
  it('refuses writes on every node, and goes on with deletes, reads and all else', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const put = { method: 'PUT', body: '1' };
    await leader.until(async () => (await leader.json('/key/early', put)).status === 507, 30_000, 'aware of its disk');
    for (const node of [leader, ...followers]) {
      const answer = await node.json('/key/refused', put);
      expect([answer.status, answer.body]).toEqual([507, expect.objectContaining({ code: 'STORAGE_FULL' })]);
      expect(await read(node, 'refused', 'consistent')).toBeUndefined();
      expect((await node.json('/key/early', { method: 'DELETE' })).status).toBe(200);
      expect((await node.json('/readyz')).status).toBe(200);
    }
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);
});
