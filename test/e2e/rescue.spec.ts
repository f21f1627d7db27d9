import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { read, tryPut } from '../support/http-client.js';
import { NodeProcess, raftd } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);

interface Recovery {
  readonly clusterId: string;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly isQuorumLost: boolean;
  readonly choose: string | null;
  readonly advice: string;
  readonly members: readonly { readonly id: string; readonly state: string }[];
}

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(5);
  for (const [n, key] of keys.entries()) {
    expect(await tryPut(at(cluster.nodes, n % 5), key, `value ${n}`)).toBe('acknowledged');
  }
  await cluster.settledChecksums();
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

/** Makes a stopped node the only voter. @returns Its exit code and what it says. */
const keep = (member: string, dataDir: string): ReturnType<typeof raftd> =>
  raftd(['recover', '--keep', member, dataDir]);

async function recovery(node: NodeProcess): Promise<Recovery> {
  return (await node.json('/cluster/recovery')).body as Recovery;
}

async function voters(node: NodeProcess): Promise<string[]> {
  const { members } = await cluster.view(node);
  return members.filter(({ voter }) => voter).map(({ id }) => id);
}

describe('a cluster that lost its majority', () => {
  const [one, two, three] = ['node01', 'node02', 'node03'] as const;
  let before: Recovery;

  it('says that nothing is lost as long as there is a leader', async () => {
    before = await recovery(cluster.node(one));
    expect(before).toMatchObject({ isQuorumLost: false, choose: null });
    expect(before.members.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'present'));
    const { addresses, dataDir } = cluster.node(one);
    const { code, output } = await keep(`${one}=${addresses.http}`, dataDir);
    expect([code, output]).toEqual([3, expect.stringContaining('another process uses')]);
  }, 30_000);

  it('names one survivor on each of them', async () => {
    await Promise.all(['node03', 'node04', 'node05'].map((id) => cluster.node(id).stop('SIGKILL')));
    for (const id of [one, two]) {
      const node = cluster.node(id);
      await node.until(async () => (await recovery(node)).isQuorumLost, 30_000, 'aware of the loss');
      const found = await recovery(node);
      expect(found).toMatchObject({ clusterId: before.clusterId, choose: one, lastIndex: before.lastIndex });
      expect(found.members.filter(({ state }) => state === 'present').map(({ id: present }) => present)).toEqual([
        one,
        two,
      ]);
      expect(found.advice).toContain(`raftd recover --keep node01=${cluster.node(one).addresses.http} DATA_DIR`);
    }
  }, 60_000);

  it('goes on from it, and the others join', async () => {
    const [first, second] = [cluster.node(one), cluster.node(two)];
    await Promise.all([first.stop('SIGTERM'), second.stop('SIGTERM')]);
    expect(await keep(`${one}=${first.addresses.http}`, first.dataDir)).toEqual({
      code: 0,
      output: expect.stringMatching(/node01 is the only voter of cluster [0-9a-f]{32}\.2-[0-9a-f]{8}/),
    });
    first.start();
    await first.ready();
    expect(await tryPut(first, 'alone', 'served')).toBe('acknowledged');
    await rename(second.dataDir, `${second.dataDir}-before`);
    second.start('-join', first.addresses.http);
    await second.ready();

    expect(await voters(second)).toEqual([one, two]);
    expect((await cluster.view(second)).clusterId).toMatch(new RegExp(`^${before.clusterId}\\.2-[0-9a-f]{8}$`));
    for (const node of [first, second]) {
      expect(await read(node, 'alone', 'consistent')).toBe('served');
      for (const [n, key] of keys.entries()) {
        expect(await read(node, key, 'consistent')).toBe(`value ${n}`);
      }
    }
  }, 120_000);

  it('refuses a member that comes back with the data of the former epoch, which says so', async () => {
    const [first, third] = [cluster.node(one), cluster.node(three)];
    const { term } = await cluster.view(first);
    third.start();
    await third.until(
      async () =>
        ((await third.json('/status')).body as { node: { exclusion: string } }).node.exclusion === 'leftBehind',
      30_000,
      'aware of the rescue',
    );
    expect((await third.json('/readyz')).status).toBe(503);
    expect(await recovery(third)).toMatchObject({ isQuorumLost: false, choose: null });
    expect(await read(third, 'k1', 'stale')).toBe('value 1');
    expect(await third.stop('SIGTERM')).toBe(0);
    expect(await readFile(third.logFile, 'utf8')).toContain('the cluster was rescued from the data of another member');
    expect(await cluster.view(first)).toMatchObject({ term, leaderId: one });

    await rm(third.dataDir, { recursive: true });
    third.start('-join', first.addresses.http);
    await third.ready();
    expect(await read(third, 'alone', 'consistent')).toBe('served');
    expect(await voters(first)).toEqual([one, two, three]);
    await cluster.node(two).stop('SIGKILL');
    expect(await tryPut(third, 'three', 'voters')).toBe('acknowledged');
  }, 120_000);
});

describe('raftd recover', () => {
  it('changes nothing where the data are none, of another node, damaged, or not those of the members named', async () => {
    const { dataDir } = cluster.node('node04');
    const nowhere = `${dataDir}-nowhere`;
    expect(await keep('node04=h.test:1', nowhere)).toMatchObject({ code: 3 });
    expect(existsSync(nowhere)).toBe(false);
    expect(await keep('node05=h.test:1', dataDir)).toMatchObject({ code: 5 });
    expect(await keep('node04=h.test:2,node09=h.test:1', dataDir)).toMatchObject({
      code: 3,
      output: expect.stringContaining('node09 is no member (node01, node02, node03, node04, node05 are)'),
    });
    expect(await keep('node04', dataDir)).toMatchObject({ code: 2 });
    // Untouched: it still belongs to the epoch from before.
    const other = new NodeProcess({ ...cluster.node('node04').addresses });
    await cp(dataDir, `${dataDir}-copy`, { recursive: true });
    other.start();
    await other.until(async () => (await recovery(other)).clusterId.length === 32, 30_000, 'serving');
    await other.stop('SIGTERM');
  }, 120_000);
});
