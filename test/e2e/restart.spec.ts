import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read, tryPut } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';

let cluster: ProcessCluster;

beforeAll(async () => {
  // Small limits, so that the restart also goes through snapshots and a compacted log.
  cluster = await ProcessCluster.start(3, ['-snapshot-entries', '200', '-log-keep-entries', '20']);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

describe('a cluster that is killed as a whole', () => {
  it('has everything that was acknowledged when it is started again', async () => {
    const [first] = cluster.nodes;
    const keys = Array.from({ length: 500 }, (_, number) => `all-${number}`);
    for (const key of keys) {
      expect(await tryPut(first ?? cluster.node('node01'), key, key)).toBe('acknowledged');
    }
    await Promise.all(cluster.nodes.map((node) => node.stop('SIGKILL')));

    const lone = cluster.node('node02');
    lone.start();
    await lone.until(async () => (await read(lone, 'all-0', 'stale')) === 'all-0', 30_000, 'serving stale reads');
    const unanswered = await lone.json('/key/all-0?level=consistent&timeout=500ms');
    expect([503, 504]).toContain(unanswered.status);
    const refused = await lone.json('/key/never?timeout=500ms', { method: 'PUT', body: '1' });
    expect(refused.body).toMatchObject({ status: 503, code: 'NO_LEADER' });
    expect((await lone.json('/livez')).status).toBe(200);
    expect((await lone.json('/readyz')).status).toBe(503);

    for (const node of cluster.nodes.filter((each) => each !== lone)) {
      node.start();
    }
    await Promise.all(cluster.nodes.map((node) => node.ready()));
    for (const node of cluster.nodes) {
      expect(await Promise.all(keys.map((key) => read(node, key, 'consistent')))).toEqual(keys);
      expect(await read(node, 'never', 'consistent')).toBeUndefined();
    }
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);

  it('serves stale reads and nothing else while the majority is away', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    await tryPut(leader, 'minority', 'x');
    const [survivor, other] = followers;
    const lone = survivor ?? leader;
    await lone.until(async () => (await read(lone, 'minority', 'stale')) === 'x', 10_000, 'level with the leader');
    await Promise.all([leader.stop('SIGKILL'), other?.stop('SIGKILL')]);
    expect(await read(lone, 'minority', 'stale')).toBe('x');
    const answers = await Promise.all([
      lone.json('/key/minority?level=consistent&timeout=1s'),
      lone.json('/key/minority?timeout=1s', { method: 'PUT', body: '"y"' }),
    ]);
    answers.forEach(({ status }) => {
      expect([503, 504]).toContain(status);
    });
    leader.start();
    other?.start();
    await Promise.all(cluster.nodes.map((node) => node.ready()));
  }, 120_000);
});

describe('a node that was away', () => {
  it('gets a snapshot and catches up while writes go on', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const away = followers[0] ?? leader;
    await away.stop('SIGKILL');
    let written = 0;
    const work = { isOver: false };
    const writing = (async () => {
      for (; !work.isOver; written += 1) {
        await tryPut(leader, `away-${written % 300}`, `value ${written}`);
      }
    })();
    await leader.until(() => Promise.resolve(written > 1000), 60_000, 'written to');
    away.start();
    await away.ready();
    await away.until(
      async () => {
        const { log } = (await away.json('/status')).body as { log: { snapshotIndex: number } };
        return log.snapshotIndex > 500;
      },
      30_000,
      'given a snapshot',
    );
    work.isOver = true;
    await writing;
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);
});
