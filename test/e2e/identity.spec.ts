import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { read, tryPut } from '../support/http-client.js';
import { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

let cluster: ProcessCluster;
const strangers: NodeProcess[] = [];

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
  expect(await tryPut(cluster.node('node01'), 'kept', 'kept')).toBe('acknowledged');
}, 120_000);

afterAll(async () => {
  await Promise.all(strangers.map((node) => node.stop('SIGKILL')));
  await cluster.destroy();
}, 30_000);

interface Member {
  readonly id: string;
  readonly instanceId: string;
  readonly httpAddr: string;
  readonly raftAddr: string;
  readonly role: string;
  readonly voter: boolean;
}

/** What does not change by itself. */
async function memberOf(node: NodeProcess, id: string): Promise<Member | undefined> {
  const { members } = (await node.json('/cluster')).body as { members: Member[] };
  const found = members.find((member) => member.id === id);
  if (found === undefined) {
    return undefined;
  }
  const { instanceId, httpAddr, raftAddr, role, voter } = found;
  return { id, instanceId, httpAddr, raftAddr, role, voter };
}

/** A process of that id on ports and in a folder of its own. */
async function elsewhere(id: string, name: string): Promise<NodeProcess> {
  const [http = 0, raft = 0] = await freePorts(2);
  const folder = join(cluster.node('node01').addresses.folder, name);
  await mkdir(folder, { recursive: true });
  const node = new NodeProcess({ id, http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder });
  strangers.push(node);
  return node;
}

const logOf = (node: NodeProcess): Promise<string> => readFile(node.logFile, 'utf8');
const address = (): string => cluster.node('node01').addresses.http;

describe('a second process under the id of a member', () => {
  it('is refused, told what to do, and the cluster takes no notice', async () => {
    const first = cluster.node('node01');
    const { term } = await cluster.view(first);
    const second = await elsewhere('node03', 'second');
    second.start('-join', address());
    expect(await second.exited()).toBe(6);
    expect(await logOf(second)).toContain('start it once with -replace');
    expect(await cluster.view(first)).toMatchObject({ term });
    await cluster.node('node03').ready();
  }, 60_000);
});

describe('a member whose disk was wiped', () => {
  it('is refused under its old id, and comes in again with -replace while the others serve', async () => {
    const node = cluster.node('node03');
    const before = await memberOf(cluster.node('node01'), 'node03');
    await node.stop('SIGKILL');
    const old = await elsewhere('node03', 'old');
    await cp(node.dataDir, old.dataDir, { recursive: true });
    await rm(node.dataDir, { recursive: true });
    node.start('-join', address());
    expect(await node.exited()).toBe(6);
    expect(await tryPut(cluster.node('node01'), 'meanwhile', 'served')).toBe('acknowledged');
    node.start('-join', address(), '-replace');
    await node.ready();
    const after = await memberOf(cluster.node('node01'), 'node03');
    expect(after).toMatchObject({ voter: true });
    expect(after?.instanceId).not.toBe(before?.instanceId);
    expect(await read(node, 'meanwhile', 'consistent')).toBe('served');
    // With its data the flag says nothing any more.
    await node.stop('SIGTERM');
    node.start('-join', address(), '-replace');
    await node.ready();
    expect(await memberOf(cluster.node('node01'), 'node03')).toEqual(after);

    old.start();
    await old.until(
      async () => ((await old.json('/status')).body as { node: { exclusion: string } }).node.exclusion === 'replaced',
      30_000,
      'aware that it was replaced',
    );
    expect((await old.json('/readyz')).status).toBe(503);
    expect(await memberOf(cluster.node('node01'), 'node03')).toEqual(after);
    expect(await old.stop('SIGTERM')).toBe(0);
  }, 120_000);

  it('comes in again without a flag where an operator made room for it', async () => {
    const node = cluster.node('node03');
    await node.stop('SIGKILL');
    await rm(node.dataDir, { recursive: true });
    const { http: httpAddr, raft: raftAddr } = node.addresses;
    const body = JSON.stringify({ id: 'node03', httpAddr, raftAddr, replace: true });
    expect((await cluster.node('node02').json('/join', { method: 'POST', body })).status).toBe(200);
    expect(await memberOf(cluster.node('node01'), 'node03')).toMatchObject({ instanceId: '', voter: false });
    node.start('-join', address());
    await node.ready();
    expect(await memberOf(cluster.node('node01'), 'node03')).toMatchObject({ voter: true });
  }, 120_000);
});

describe('a member that moves', () => {
  it('tells the cluster its new addresses, without -join', async () => {
    const node = cluster.node('node02');
    await node.stop('SIGTERM');
    const [http = 0, raft = 0] = await freePorts(2);
    const { folder } = node.addresses;
    const moved = new NodeProcess({ id: 'node02', http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder });
    strangers.push(moved);
    moved.start();
    await moved.ready();
    const known = { httpAddr: moved.addresses.http, raftAddr: moved.addresses.raft, voter: true };
    for (const asked of [cluster.node('node01'), cluster.node('node03'), moved]) {
      await asked.until(
        async () => (await memberOf(asked, 'node02'))?.httpAddr === known.httpAddr,
        30_000,
        'told where node02 is',
      );
      expect(await memberOf(asked, 'node02')).toMatchObject(known);
    }
    await cluster.node('node03').stop('SIGTERM');
    // Two of three are a quorum only if they reach each other.
    expect(await tryPut(moved, 'moved', 'here')).toBe('acknowledged');
    cluster.node('node03').start();
    await cluster.node('node03').ready();
  }, 120_000);
});

describe('a learner for good', () => {
  it('receives everything, is ready, and stays a learner', async () => {
    const learner = await elsewhere('node04', 'old');
    learner.start('-join', address(), '-learner');
    await learner.ready();
    expect(await read(learner, 'kept', 'stale')).toBe('kept');
    expect(await read(learner, 'kept', 'consistent')).toBe('kept');
    expect(await memberOf(cluster.node('node01'), 'node04')).toMatchObject({ role: 'learner', voter: false });
    const answer = await learner.json('/cluster/leader', { method: 'POST', body: '{"id": "node04"}' });
    expect(answer.status).toBe(409);
    expect(await learner.stop('SIGTERM')).toBe(0);
    learner.start();
    await learner.ready();
    expect(await memberOf(cluster.node('node01'), 'node04')).toMatchObject({ role: 'learner', voter: false });
  }, 120_000);
});
