import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { read, tryPut } from '../support/http-client.js';
import { NodeProcess } from '../support/node-process.js';
import { warnings } from '../support/warnings.js';

let folder: string;
let nodes: NodeProcess[];
let args: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-bootstrap-'));
  const ports = await freePorts(6);
  nodes = [0, 1, 2].map((place) => {
    const [http, raft] = [`127.0.0.1:${ports[2 * place] ?? 0}`, `127.0.0.1:${ports[2 * place + 1] ?? 0}`];
    return new NodeProcess({ id: `node0${place + 1}`, http, raft, folder });
  });
  args = ['-bootstrap-expect', '3', '-join', nodes.map(({ addresses }) => addresses.http).join(',')];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
  await rm(folder, { recursive: true, force: true });
}, 30_000);

function node(place: number): NodeProcess {
  const found = nodes[place];
  if (found === undefined) {
    throw new Error(`no node ${place}`);
  }
  return found;
}

async function clusterIds(): Promise<Set<unknown>> {
  const views = await Promise.all(nodes.map((each) => each.json('/cluster')));
  return new Set(views.map(({ body }) => (body as { clusterId: unknown }).clusterId));
}

describe('three empty nodes with the same arguments', () => {
  it('found one cluster, and ignore the arguments from then on', async () => {
    nodes.forEach((each) => {
      each.start(...args);
    });
    await Promise.all(nodes.map((each) => each.ready()));
    const [clusterId, ...others] = await clusterIds();
    expect([typeof clusterId, others]).toEqual(['string', []]);
    expect(await warnings(nodes)).toEqual([]);
    expect(await tryPut(node(0), 'first', 'kept')).toBe('acknowledged');
    await Promise.all(nodes.map((each) => each.stop('SIGKILL')));
    nodes.forEach((each) => {
      each.start(...args);
    });
    await Promise.all(nodes.map((each) => each.ready()));
    expect(await clusterIds()).toEqual(new Set([clusterId]));
    expect(await read(node(2), 'first', 'consistent')).toBe('kept');
  }, 120_000);

  it('wait for the one that is missing, say so, and found nothing without it', async () => {
    node(0).start(...args);
    node(1).start(...args);
    await node(0).says('waiting to found a cluster: 2 of 3 nodes are there');
    expect((await node(0).json('/cluster')).body).toMatchObject({ clusterId: null });
    expect((await node(0).json('/readyz')).status).toBe(503);
    expect((await node(0).json('/cluster/founding')).body).toMatchObject({
      nodeId: 'node01',
      expect: 3,
      clusterId: null,
    });
    node(2).start(...args);
    await Promise.all(nodes.map((each) => each.ready()));
    expect((await clusterIds()).size).toBe(1);
  }, 120_000);
});

describe('a node with an empty disk', () => {
  it('joins the cluster that the others have, whatever its name, and does not found another', async () => {
    nodes.forEach((each) => {
      each.start(...args);
    });
    await Promise.all(nodes.map((each) => each.ready()));
    const before = await clusterIds();
    await node(2).stop('SIGKILL');
    await rm(node(2).dataDir, { recursive: true });
    const renamed = new NodeProcess({ ...node(2).addresses, id: 'node09' });
    // Its addresses belong to the member that is gone: that one is removed first.
    const removed = await node(0).json('/cluster/members/node03', { method: 'DELETE' });
    expect(removed.status).toBe(200);
    nodes[2] = renamed;
    renamed.start(...args);
    await renamed.ready();
    expect(await clusterIds()).toEqual(before);
  }, 120_000);

  it('under its old id is told how to replace the old one, and comes in with -replace', async () => {
    nodes.forEach((each) => {
      each.start(...args);
    });
    await Promise.all(nodes.map((each) => each.ready()));
    const before = await clusterIds();
    await node(2).stop('SIGKILL');
    await rm(node(2).dataDir, { recursive: true });
    node(2).start(...args);
    expect(await node(2).exited()).toBe(6);
    expect(await readFile(node(2).logFile, 'utf8')).toContain('start it once with -replace');
    node(2).start('-join', node(0).addresses.http, '-replace');
    await node(2).ready();
    expect(await clusterIds()).toEqual(before);
  }, 120_000);
});
