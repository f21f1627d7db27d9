import { readFile, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { read, tryPut } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';
import { changeStoredValue } from './flawed-log.js';

/** The exit code for data that are damaged. */
const dataRefused = 5;
/** The exit code for a node that the cluster refuses. */
const refused = 6;

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.start(3, ['-checksum-interval-ms', '200']);
  for (const key of ['first', 'second', 'third']) {
    expect(await tryPut(cluster.node('node01'), key, 'sound')).toBe('acknowledged');
  }
  await cluster.settledChecksums();
}, 120_000);

afterEach(async () => {
  await cluster.destroy();
}, 30_000);

async function hasAlarm(node: NodeProcess, odd: NodeProcess): Promise<boolean> {
  const { alarms } = await cluster.view(node);
  return alarms.some(({ code, members }) => code === 'STATE_DIVERGED' && members.join() === odd.id);
}

/** The node stopped by itself, said why, and the others know and serve. */
async function expectStopped(odd: NodeProcess, others: readonly NodeProcess[]): Promise<void> {
  expect(await odd.exited()).toBe(dataRefused);
  expect(await readFile(odd.logFile, 'utf8')).toMatch(
    /the state of this node is not that of the others: at index \d+ its checksum is [0-9a-f]{16}, a majority of the voters has [0-9a-f]{16}.*replace the node/,
  );
  for (const node of others) {
    await node.until(() => hasAlarm(node, odd), 30_000, 'aware of the alarm');
    expect(await readFile(node.logFile, 'utf8')).toMatch(
      new RegExp(`the state of a member is not that of the others at index \\d+: ${odd.id} has`),
    );
    await node.until(async () => (await tryPut(node, `by-${node.id}`, 'x')) === 'acknowledged', 60_000, 'served');
    expect(await read(node, 'second', 'consistent')).toBe('sound');
  }
}

/** Gives the place of the member to the data that were made under its id since. */
async function replace(node: NodeProcess, leader: NodeProcess): Promise<void> {
  const instances = [...(await readFile(node.logFile, 'utf8')).matchAll(/data of \w+, instance ([^,]+), start 1/g)];
  const { id, http: httpAddr, raft: raftAddr } = node.addresses;
  const body = JSON.stringify({ id, httpAddr, raftAddr, instanceId: instances.at(-1)?.[1], replace: true });
  expect((await leader.json('/join', { method: 'POST', body })).status).toBe(200);
}

describe('a node whose log is not what was written, with checksums that fit', () => {
  it('stops as a follower; the alarm ends when an empty node has its place', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const [odd, other] = [followers[0] ?? leader, followers[1] ?? leader];
    await leader.until(async () => (await cluster.view(leader)).comparedIndex > 0, 30_000, 'done with a comparison');
    await odd.stop('SIGTERM');
    await changeStoredValue(odd.dataDir, 'second', '"flawed"');
    odd.start();
    await expectStopped(odd, [leader, other]);

    await rm(odd.dataDir, { recursive: true });
    odd.start('-join', leader.addresses.http);
    expect(await odd.exited()).toBe(refused);
    await replace(odd, leader);
    const { commitIndex } = await cluster.view(leader);
    odd.start('-join', leader.addresses.http);
    await odd.ready();
    for (const node of cluster.nodes) {
      await node.until(
        async () => {
          const { alarms, comparedIndex } = await cluster.view(node);
          return alarms.length === 0 && comparedIndex >= commitIndex;
        },
        30_000,
        'without an alarm',
      );
    }
    expect(await read(odd, 'second', 'stale')).toBe('sound');
  }, 180_000);

  it('stops as the leader, and the others elect another one', async () => {
    const [odd, ...others] = cluster.nodes as [NodeProcess, ...NodeProcess[]];
    await Promise.all(cluster.nodes.map((node) => node.stop('SIGKILL')));
    await changeStoredValue(odd.dataDir, 'second', '"flawed"');
    others.forEach((node) => {
      // The odd one stands for election long before them.
      node.start('-election-timeout-ms', '5000');
    });
    odd.start();
    await expectStopped(odd, others);
    const log = await readFile(odd.logFile, 'utf8');
    expect(log.lastIndexOf('role leader')).toBeGreaterThan(log.lastIndexOf('role candidate'));
    expect(log.slice(log.lastIndexOf('role leader'))).toContain('the state of this node is not that of the others');
    expect((await cluster.view(others[0] ?? odd)).leaderId).not.toBe(odd.id);
  }, 180_000);
});
