import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { Random } from '../../src/lib/random.js';
import { Network } from '../chaos/network/network.js';
import { read, tryPut } from '../support/http-client.js';
import { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

/** Entries that a node lacks when it joins, each a message of its own and too large for the link to pass on at once. */
const entryCount = 40;
const value = 'x'.repeat(64 * 1024);
const slowBytesPerSecond = 64 * 1024;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const network = new Network(new Random(1));
let cluster: ProcessCluster;
let leader: NodeProcess;
let joiner: NodeProcess;

beforeAll(async () => {
  cluster = await ProcessCluster.start(1, ['-promote-lag-entries-max', '0', '-append-bytes-max', '65536']);
  leader = cluster.node('node01');
  const [http = 0, raft = 0] = await freePorts(2);
  const shown = await network.peerPort('node02', raft);
  const folder = dirname(leader.dataDir);
  joiner = new NodeProcess({ id: 'node02', http: `127.0.0.1:${http}`, raft: `127.0.0.1:${shown}`, folder }, [
    '-raft-bind',
    `127.0.0.1:${raft}`,
    '-ready-lag-entries-max',
    '5',
  ]);
}, 60_000);

afterAll(async () => {
  await joiner.stop('SIGKILL');
  await cluster.destroy();
  await network.close();
}, 30_000);

const link = (): ReturnType<Network['link']> => network.link('node01', 'node02');

async function failedChecks(): Promise<Record<string, string>> {
  const { status, body } = await joiner.json('/readyz?verbose=true');
  const failed = (body as { readonly checks: readonly Check[] }).checks.filter(({ ok }) => !ok);
  expect(status).toBe(failed.length === 0 ? 200 : 503);
  return Object.fromEntries(failed.map(({ name, detail }) => [name, detail]));
}

/** What the leader says of the node that joins. */
async function seenByLeader(): Promise<{ readonly member: unknown; readonly changes: unknown }> {
  const { body } = await leader.json('/cluster');
  const { members, changes } = body as { readonly members: readonly { id: string }[]; readonly changes: unknown };
  return { member: members.find(({ id }) => id === 'node02'), changes };
}

const lagging = expect.stringMatching(/^\d{2} entries are not applied yet$/);

it('a node that joins is shown as a learner that lags and is not ready, until it has caught up and votes', async () => {
  for (let number = 0; number < entryCount; number += 1) {
    expect(await tryPut(leader, `large-${number}`, value)).toBe('acknowledged');
  }
  link().set({ kind: 'throttle', bytesPerSecond: slowBytesPerSecond });
  joiner.start('-join', leader.addresses.http);
  await joiner.until(async () => /^\d+ entries/.test((await failedChecks()).lag ?? ''), 60_000, 'aware of its lag');
  // From here on nothing reaches it: what is looked at does not change.
  link().set({ kind: 'hold' });

  const checks = await failedChecks();
  expect(checks).toMatchObject({ lag: lagging, membership: expect.any(String) });
  expect(checks).not.toHaveProperty('storage');
  const { member, changes } = await seenByLeader();
  expect(member).toMatchObject({ role: 'learner', voter: false });
  expect((member as { lagEntries: number }).lagEntries).toBeGreaterThan(5);
  expect(changes).toMatchObject([{ kind: 'promotion', id: 'node02' }]);
  // It does not count: the leader alone is a majority.
  expect(await tryPut(leader, 'meanwhile', 'written')).toBe('acknowledged');

  link().set({ kind: 'pass' });
  await joiner.ready();
  expect(await failedChecks()).toEqual({});
  // It votes as soon as it has the entry that says so; what is written after that entry is committed after it.
  expect(await tryPut(leader, 'afterwards', 'written')).toBe('acknowledged');
  expect(await seenByLeader()).toMatchObject({ member: { role: 'follower', voter: true }, changes: [] });
  expect(await read(joiner, 'meanwhile', 'consistent')).toBe('written');
  expect(await read(joiner, `large-${entryCount - 1}`, 'stale')).toBe(value);
}, 120_000);
