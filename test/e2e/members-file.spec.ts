import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { at } from '../../src/lib/assert.js';
import { read, tryPut } from '../support/http-client.js';
import { NodeProcess } from '../support/node-process.js';
import type { ClusterView } from '../support/process-cluster.js';

let folder: string;
let file: string;
let nodes: NodeProcess[];
let args: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-members-file-'));
  file = join(folder, 'members');
  const ports = await freePorts(10);
  nodes = [0, 1, 2, 3, 4].map((ordinal) => {
    const [http, raft] = [`127.0.0.1:${at(ports, 2 * ordinal)}`, `127.0.0.1:${at(ports, 2 * ordinal + 1)}`];
    return new NodeProcess({ id: `db-${ordinal}`, http, raft, folder }, ['-members-file', file]);
  });
  const three = nodes.slice(0, 3).map(({ addresses }) => addresses.http);
  args = ['-bootstrap-expect', '3', '-join', three.join(',')];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function view(): Promise<ClusterView> {
  return (await at(nodes, 0).json('/cluster')).body as ClusterView;
}

/** Waits until exactly the first `count` are voters. */
async function settle(count: number): Promise<void> {
  const wanted = nodes.slice(0, count).map(({ id }) => id);
  const isSettled = async (): Promise<boolean> => {
    const voters = (await view()).members.filter(({ voter }) => voter).map(({ id }) => id);
    return JSON.stringify(voters.sort()) === JSON.stringify(wanted);
  };
  await at(nodes, 0).until(isSettled, 60_000, `one of ${count} members`);
}

async function isRemoved(node: NodeProcess): Promise<boolean> {
  const { body } = await node.json('/status');
  return (body as { node: { exclusion: unknown } }).node.exclusion === 'removed';
}

it('the number in the members file lets nodes in and takes them out, while restarts remove nobody', async () => {
  const [third, fourth] = [at(nodes, 3), at(nodes, 4)];
  await writeFile(file, '3\n');
  nodes.forEach((node) => {
    node.start(...args);
  });
  // Two too many: they are kept out, by what the leader reads.
  await Promise.all(nodes.slice(0, 3).map((node) => node.ready()));
  await fourth.says('NOT_WANTED: 3 members are wanted');
  await settle(3);

  await writeFile(file, '5');
  await Promise.all(nodes.map((node) => node.ready()));
  await settle(5);
  expect(await tryPut(fourth, 'a', 'kept')).toBe('acknowledged');
  expect(await third.stop('SIGTERM')).toBe(0);
  third.start(...args);
  await third.ready();
  await settle(5);

  // A leader that is to go hands over to one that stays; a file without a number changes nothing before that.
  await at(nodes, 0).json('/cluster/leader', { method: 'POST', body: JSON.stringify({ id: 'db-4' }) });
  await writeFile(file, 'few');
  await fourth.says('and no number of members');
  await writeFile(file, '3');
  await settle(3);
  await fourth.says('3 members: the leader removes db-3');
  await fourth.says('3 members: the leader is to go and hands over to db-');
  await fourth.says('the cluster has removed db-4, and the members file has no place for it');
  expect((await fourth.json('/readyz')).status).toBe(503);
  expect((await fourth.json('/key/a?level=stale')).status).toBe(200);

  // One that is started again stays out with its old data, and both join anew once there is a place.
  expect(await third.stop('SIGTERM')).toBe(0);
  third.start(...args);
  await third.until(async () => isRemoved(third), 30_000, 'aware of its removal');
  await settle(3);
  expect(await readFile(third.logFile, 'utf8')).not.toContain('set aside');
  expect((await third.json('/key/a?level=stale')).body).toEqual({ a: 'kept' });
  await writeFile(file, '5');
  await Promise.all([third.ready(), fourth.ready()]);
  await settle(5);
  expect(await readFile(third.logFile, 'utf8')).toContain('the cluster has removed db-3: its data are set aside in');
  expect(await read(fourth, 'a', 'consistent')).toBe('kept');
}, 180_000);

it('members that stop before the number is read are removed, as far as the others keep a majority', async () => {
  await writeFile(file, '5');
  const all = nodes.map(({ addresses }) => addresses.http).join(',');
  nodes.forEach((node) => {
    node.start('-bootstrap-expect', '5', '-join', all);
  });
  await Promise.all(nodes.map((node) => node.ready()));
  await Promise.all([at(nodes, 4).stop('SIGTERM'), at(nodes, 3).stop('SIGTERM'), at(nodes, 2).stop('SIGKILL')]);
  // Two of five: nothing can be decided until the third is back, once the leader knows it and leads no more.
  await at(nodes, 0).until(async () => (await view()).leaderId === null, 30_000, 'without a leader');
  await writeFile(file, '3');
  expect(await tryPut(at(nodes, 0), 'b', 'early')).not.toBe('acknowledged');
  expect((await view()).members).toHaveLength(5);
  at(nodes, 2).start(...args);
  await settle(3);
  expect(await tryPut(at(nodes, 0), 'b', 'late')).toBe('acknowledged');
}, 180_000);
