import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ProcessCluster } from '../support/process-cluster.js';
import { checkOrder } from './durability-order.js';
import { readSystemCalls, straceArguments } from './system-calls.js';

const writes = 1_000;
const writers = 8;
const quorum = 2;

const hasStrace = spawnSync('strace', ['-f', '-e', 'trace=fsync', 'true'], { stdio: 'ignore' }).status === 0;
if (!hasStrace) {
  console.warn('strace is missing or may not trace: the order of syncs and answers of real nodes was not looked at');
}

async function writeAll(cluster: ProcessCluster): Promise<void> {
  let next = 0;
  const write = async (writer: number): Promise<void> => {
    const node = cluster.nodes[writer % cluster.nodes.length];
    while (next < writes) {
      next += 1;
      const mark = `mark-${String(next).padStart(6, '0')}`;
      const headers = { 'x-request-id': mark };
      const answer = await node?.json(`/key/${mark}`, { method: 'PUT', body: '1', headers });
      expect(answer?.status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
}

(hasStrace ? describe : describe.skip)('real nodes', () => {
  test('sync their logs before they acknowledge, and a quorum before a client is answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'raftdb-strace-'));
    const cluster = await ProcessCluster.start(3, [], {
      launcher: (id) => ['strace', ...straceArguments, '-o', join(folder, id)],
    });
    try {
      const { term } = await cluster.view(cluster.node('node01'));
      await writeAll(cluster);
      expect((await cluster.view(cluster.node('node01'))).term).toBe(term);
      await Promise.all(cluster.nodes.map((node) => node.stop('SIGTERM')));
      const calls = new Map(cluster.nodes.map(({ id }) => [id, readSystemCalls(folder, id)]));
      const report = checkOrder(calls, quorum);
      expect(report.problems.slice(0, 10)).toEqual([]);
      expect(report.answered.size).toBe(writes);
      expect(report.acknowledgements).toBeGreaterThan(100);
    } finally {
      await cluster.destroy();
      await rm(folder, { recursive: true, force: true });
    }
  }, 300_000);
});
