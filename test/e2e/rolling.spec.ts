import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RetryingWriters } from '../../scripts/cluster/retrying-writers.js';
import { readAll } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';
import { warnings } from '../support/warnings.js';

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

it('a start without a fault warns of nothing', async () => {
  expect(await warnings(cluster.nodes)).toEqual([]);
});

it('a rolling restart loses no write, fails none for clients that retry, and none takes effect twice', async () => {
  const before = (await cluster.view(cluster.node('node01'))).revision;
  const urls = cluster.nodes.map(({ url }) => url);
  const writers = new RetryingWriters(urls, 4);
  let handOvers = 0;
  for (const node of cluster.nodes) {
    await writers.successes(100);
    const { leader } = await cluster.roles(node);
    handOvers += Number(leader === node);
    expect(await node.stop('SIGTERM')).toBe(0);
    node.start();
    await node.ready();
  }
  await writers.successes(100);
  await writers.stop();

  expect(writers.failed).toEqual([]);
  expect(handOvers).toBeGreaterThan(0);
  expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  for (const node of cluster.nodes) {
    expect((await cluster.view(node)).revision).toBe(before + writers.acknowledged.length);
    expect(await readAll(node, writers.acknowledged, 'stale')).toEqual(writers.acknowledged);
  }
}, 120_000);
