import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read, tryPut } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';
import { writeUntil } from '../support/writers.js';

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

describe('a leader that is killed', () => {
  it('takes no acknowledged write with it, and comes back with the same state', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const work = { isOver: false };
    const writers = followers.map((node) => writeUntil(node, `kill-${node.id}`, () => work.isOver));
    const [survivor] = followers;
    await survivor?.until(async () => (await cluster.view(survivor)).revision > 50, 30_000, 'written to');
    await leader.stop('SIGKILL');
    const before = await cluster.view(survivor ?? leader);
    await survivor?.until(
      async () => (await cluster.view(survivor)).revision > before.revision + 50,
      30_000,
      'served by a new leader',
    );
    leader.start();
    await leader.ready();
    work.isOver = true;
    const acknowledged = (await Promise.all(writers)).flat();
    expect(acknowledged.length).toBeGreaterThan(100);
    for (const node of cluster.nodes) {
      const values = await Promise.all(acknowledged.map((key) => read(node, key, 'consistent')));
      expect(values).toEqual(acknowledged);
    }
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);

  it('leaves a retried write with one effect and one answer, through any node', async () => {
    const [first] = cluster.nodes;
    const { leader, followers } = await cluster.roles(first ?? cluster.node('node01'));
    const request = { method: 'POST', body: '{"once": 1}', headers: { 'idempotency-key': 'a-write-of-its-own' } };
    const original = await leader.json('/key', request);
    expect(original.status).toBe(200);
    await leader.stop('SIGKILL');
    for (const node of followers) {
      let retried = await node.json('/key', request);
      // Until the others have noticed, a request can be on its way to the dead leader: its outcome is not known then.
      while (retried.status === 503 || retried.status === 504) {
        retried = await node.json('/key', request);
      }
      expect({ status: retried.status, body: retried.body }).toEqual({ status: 200, body: original.body });
    }
    const { body } = await cluster.node(followers[0]?.id ?? '').json('/key/once?meta=true');
    expect(body).toMatchObject({ version: 1 });
    const other = await cluster.node(followers[1]?.id ?? '').json('/key', { ...request, body: '{"once": 2}' });
    expect(other.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    leader.start();
    await leader.ready();
  }, 120_000);
});

describe('a leader that is asked to stop', () => {
  it('hands over and ends with 0, and no write fails', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [through] = followers;
    const outcomes: string[] = [];
    const work = { isOver: false };
    const writing = (async () => {
      for (let number = 0; !work.isOver; number += 1) {
        outcomes.push(await tryPut(through ?? leader, `stop-${number}`, 'x'));
      }
    })();
    await through?.until(() => Promise.resolve(outcomes.length > 20), 30_000, 'written to');
    expect(await leader.stop('SIGTERM')).toBe(0);
    const reached = outcomes.length;
    await through?.until(() => Promise.resolve(outcomes.length > reached + 20), 30_000, 'written to');
    work.isOver = true;
    await writing;
    expect(outcomes.filter((outcome) => outcome !== 'acknowledged')).toEqual([]);
    leader.start();
    await leader.ready();
  }, 120_000);
});
