import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { NodeProcess, raftd } from '../support/node-process.js';
import { read } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';

const bump = 1_000_000_000;
const keyCount = 3000;

let cluster: ProcessCluster;
let folder: string;
let saved: Buffer;
let savedRevision: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-backup-'));
  cluster = await ProcessCluster.start(3);
  const { leader } = await cluster.roles(cluster.node('node01'));
  for (let first = 0; first < keyCount; first += 1000) {
    const entries = Array.from({ length: 1000 }, (_, n) => [`k${first + n}`, `${'x'.repeat(200)}${first + n}`]);
    const { status } = await leader.json('/key', { method: 'POST', body: JSON.stringify(Object.fromEntries(entries)) });
    expect(status).toBe(200);
  }
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function backup(node: NodeProcess, query = ''): Promise<Buffer> {
  const response = await fetch(`${node.url}/backup${query}`);
  expect(response.status).toBe(200);
  savedRevision = Number(response.headers.get('raftdb-revision'));
  return Buffer.from(await response.arrayBuffer());
}

/** Sends a backup in pieces; `between` is called in the middle. */
async function restore(node: NodeProcess, bytes: Buffer, between: () => Promise<void> = () => Promise.resolve()) {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    yield bytes.subarray(0, bytes.length >> 1);
    await between();
    yield bytes.subarray(bytes.length >> 1);
  }
  const init = { method: 'POST', body: pieces(), duplex: 'half' } as unknown as RequestInit;
  const response = await fetch(`${node.url}/restore`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function put(node: NodeProcess, key: string): Promise<number> {
  return (await node.json(`/key/${key}`, { method: 'PUT', body: '1' })).status;
}

function restoreData(file: string, ...args: readonly string[]): Promise<{ code: number; output: string }> {
  return raftd(['restore', file, ...args]);
}

describe('a running cluster', () => {
  it('is backed up from a follower, and restored through one while others write', async () => {
    const { followers } = await cluster.roles(cluster.node('node01'));
    const [one = cluster.node('node01'), other = one] = followers;
    saved = await backup(one);
    const revision = savedRevision;
    expect(await put(other, 'later')).toBe(200);
    expect((await other.json('/key?prefix=k1', { method: 'DELETE' })).status).toBe(200);
    let written = 0;
    const { status, body } = await restore(other, saved, async () => {
      // What is there is served and written until the restore is whole.
      expect(await read(one, 'later', 'consistent')).toBe(1);
      written = await put(one, 'meanwhile');
    });
    expect([status, written, body.keys]).toEqual([200, 200, keyCount]);
    expect(body.revision).toBeGreaterThan(revision + bump);
    for (const node of cluster.nodes) {
      expect(await read(node, 'k1000', 'consistent')).toBe(`${'x'.repeat(200)}1000`);
      expect(await read(node, 'later', 'consistent')).toBeUndefined();
      expect(await read(node, 'meanwhile', 'consistent')).toBeUndefined();
    }
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);

  it('goes on with a restore when its leader is killed in the middle', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [one = leader] = followers;
    expect(await put(one, 'later')).toBe(200);
    const { status, body } = await restore(one, saved, async () => {
      await leader.stop('SIGKILL');
    });
    expect([status, body.keys]).toEqual([200, keyCount]);
    expect(await read(one, 'later', 'consistent')).toBeUndefined();
    leader.start();
    await leader.ready();
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 120_000);

  it('refuses a damaged backup and keeps what it has', async () => {
    const [one = cluster.node('node01')] = cluster.nodes;
    expect(await put(one, 'kept')).toBe(200);
    const damaged = Buffer.from(saved);
    damaged[damaged.length - 100] = (damaged[damaged.length - 100] ?? 0) ^ 1;
    expect(await restore(one, damaged)).toMatchObject({ status: 400, body: { code: 'INVALID_BACKUP' } });
    expect(await read(one, 'kept', 'consistent')).toBe(1);
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
  }, 60_000);
});

describe('raftd restore', () => {
  it('makes a new cluster of a backup, which others join', async () => {
    const file = join(folder, 'good.backup');
    await writeFile(file, saved);
    const ports = await freePorts(4);
    const [first, second] = [0, 1].map((position) => {
      const addresses = {
        http: `127.0.0.1:${ports[2 * position] ?? 0}`,
        raft: `127.0.0.1:${ports[2 * position + 1] ?? 0}`,
      };
      return new NodeProcess({ id: `new0${position + 1}`, folder, ...addresses });
    }) as [NodeProcess, NodeProcess];
    const flags = ['-id', first.id, '-haddr', first.addresses.http, '-raddr', first.addresses.raft, first.dataDir];
    const { code, output } = await restoreData(file, '--bump-revision', '500', ...flags);
    expect([code, output]).toEqual([0, expect.stringContaining(`${keyCount} keys at revision ${savedRevision + 500}`)]);
    try {
      first.start();
      await first.ready();
      second.start('-join', first.addresses.http);
      await second.ready();
      for (const node of [first, second]) {
        expect(await read(node, 'k2999', 'consistent')).toBe(`${'x'.repeat(200)}2999`);
        expect((await node.json('/key?limit=1')).body).toMatchObject({ revision: savedRevision + 500 });
      }
      const [old, now] = await Promise.all([cluster.view(cluster.node('node01')), cluster.view(first)]);
      expect(now.clusterId).not.toBe(old.clusterId);
      expect(await restoreData(file, ...flags)).toMatchObject({ code: 3 });
      expect(await put(second, 'goes-on')).toBe(200);
    } finally {
      await Promise.all([first.stop('SIGKILL'), second.stop('SIGKILL')]);
    }
    expect(await restoreData(file, ...flags)).toMatchObject({
      code: 3,
      output: expect.stringContaining('restore into an empty directory'),
    });
  }, 120_000);

  it('refuses what is no whole backup before anything is made', async () => {
    const dataDir = join(folder, 'none');
    for (const [name, bytes, code] of [
      ['cut', saved.subarray(0, saved.length - 1), 5],
      ['empty', Buffer.alloc(0), 5],
      ['missing', null, 3],
    ] as const) {
      const file = join(folder, name);
      if (bytes !== null) {
        await writeFile(file, bytes);
      }
      expect(await restoreData(file, '-id', 'n1', dataDir)).toMatchObject({ code });
    }
    expect(await readdir(folder)).not.toContain('none');
  }, 60_000);
});
