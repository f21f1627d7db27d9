import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const probeWithinMs = 10_000;
let cluster: ProcessCluster;
let node: NodeProcess;

beforeAll(async () => {
  cluster = await ProcessCluster.start(1);
  node = cluster.node('node01');
}, 60_000);

afterAll(async () => {
  await cluster.destroy();
});

/** Names of the checks that fail. */
async function failedChecks(): Promise<string[]> {
  const { body } = await node.json('/readyz?verbose=true');
  const { checks } = body as { readonly checks: readonly { readonly name: string; readonly ok: boolean }[] };
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

it('an idle node notices that its data are no longer where they were', async () => {
  expect(await failedChecks()).toEqual([]);
  await rename(node.dataDir, `${node.dataDir}-gone`);
  await node.until(async () => (await failedChecks()).includes('storage'), probeWithinMs, 'aware of its lost data');
  expect((await node.json('/readyz')).status).toBe(503);
  expect((await node.json('/livez')).status).toBe(200);
  await rename(`${node.dataDir}-gone`, node.dataDir);
  await node.ready(probeWithinMs);
}, 30_000);

it('/status tells the version, the settings, the sizes and the lag of a real node', async () => {
  await node.json('/key/a', { method: 'PUT', body: '1' });
  expect((await node.json('/status')).body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    raft: { role: 'leader', membership: 'voter', lagEntries: 0, applyLag: 0 },
    log: { bytes: expect.any(Number) },
    storage: { usedBytes: expect.any(Number), freeBytes: expect.any(Number), isFull: false, isStalled: false },
    settings: { id: 'node01', storage: 'sqlite', readyLagEntriesMax: 10_000, postgresPassword: null },
  });
});
