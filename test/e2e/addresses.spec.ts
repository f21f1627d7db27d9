import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { at } from '../../src/lib/assert.js';
import { read, tryPut } from '../support/http-client.js';
import { HostedNode, Hosts, hostedNodes, startHosted } from '../support/named-cluster.js';

/** How long two clusters whose names lead to each other are watched. */
const watchedMs = 60_000;

let folder: string;
let hosts: Hosts;
/** The same for all nodes, as pods have them: they differ in their IP addresses. */
let ports: readonly number[];
let started: HostedNode[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-addresses-'));
  hosts = new Hosts(folder);
  ports = await freePorts(2);
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((node) => node.stop('SIGKILL')));
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function cluster(name: string, network: string): Promise<HostedNode[]> {
  const nodes = hostedNodes(name, { network, ports, folder, hosts });
  started.push(...nodes);
  await startHosted(nodes);
  return nodes;
}

interface View {
  readonly clusterId: string;
  readonly term: number;
  readonly leaderId: string | null;
  readonly members: readonly { readonly httpAddr: string; readonly raftAddr: string }[];
}

async function view(node: HostedNode): Promise<View> {
  return (await node.json('/cluster')).body as View;
}

/** What stays if nobody disturbs a cluster. */
async function standing(nodes: readonly HostedNode[]): Promise<unknown> {
  const { clusterId, term, leaderId } = await view(at(nodes, 0));
  const terms = await Promise.all(nodes.map(async (node) => (await view(node)).term));
  return { clusterId, term, leaderId, terms };
}

describe('members whose IP addresses all change at once', () => {
  it('find each other by their names alone', async () => {
    const nodes = await cluster('a', '127.0.1');
    const before = (await view(at(nodes, 0))).members;
    expect(await tryPut(at(nodes, 0), 'kept', 'kept')).toBe('acknowledged');
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    const moved = nodes.map(({ place }, index) => new HostedNode(place, `127.0.2.${index + 1}`, hosts));
    started.push(...moved);
    moved.forEach(({ place, ip }) => {
      hosts.set({ [place.name]: ip });
    });
    moved.forEach((node) => {
      node.start();
    });
    await Promise.all(moved.map((node) => node.ready()));
    for (const node of moved) {
      expect(await read(node, 'kept', 'consistent')).toBe('kept');
      expect(await tryPut(node, node.id, 'moved')).toBe('acknowledged');
    }
    expect((await view(at(moved, 0))).members.map(({ httpAddr, raftAddr }) => [httpAddr, raftAddr])).toEqual(
      before.map(({ httpAddr, raftAddr }) => [httpAddr, raftAddr]),
    );
  }, 120_000);

  it('do so one after the other too, while those that stay serve', async () => {
    const nodes = await cluster('a', '127.0.1');
    for (const [index, node] of nodes.entries()) {
      await node.stop('SIGTERM');
      const moved = new HostedNode(node.place, `127.0.2.${index + 1}`, hosts);
      started.push(moved);
      hosts.set({ [moved.place.name]: moved.ip });
      moved.start();
      await moved.ready();
      expect(await tryPut(moved, `${node.id}-moved`, 'here')).toBe('acknowledged');
    }
  }, 120_000);
});

describe('two clusters', () => {
  it('leave each other alone when the names of two members lead to the other cluster, and mend by themselves', async () => {
    const [a, b] = [await cluster('a', '127.0.1'), await cluster('b', '127.0.2')];
    const [a3, b3] = [at(a, 2), at(b, 2)];
    // Leaders stay where they are: the last member follows in both.
    for (const nodes of [a, b]) {
      const asked = await at(nodes, 0).json('/cluster/leader', { method: 'POST', body: '{"id": "node01"}' });
      expect(asked.status).toBe(200);
    }
    await Promise.all([a3, b3].map((node) => node.stop('SIGKILL')));
    hosts.set({ [a3.place.name]: b3.ip, [b3.place.name]: a3.ip });
    a3.start();
    b3.start();
    await Promise.all(
      [a3, b3].map((node) => node.until(async () => (await node.json('/livez')).status === 200, 30_000, 'up')),
    );
    const before = [await standing(a.slice(0, 2)), await standing(b.slice(0, 2))];
    await sleep(watchedMs);
    expect([await standing(a.slice(0, 2)), await standing(b.slice(0, 2))]).toEqual(before);
    for (const nodes of [a, b]) {
      expect(await tryPut(at(nodes, 1), 'served', 'yes')).toBe('acknowledged');
    }
    hosts.set({ [a3.place.name]: a3.ip, [b3.place.name]: b3.ip });
    await Promise.all([a3, b3].map((node) => node.ready()));
    expect([await standing(a.slice(0, 2)), await standing(b.slice(0, 2))]).toEqual(before);
    expect(await read(a3, 'served', 'consistent')).toBe('yes');
    expect((await view(a3)).clusterId).not.toBe((await view(b3)).clusterId);
  }, 240_000);
});
