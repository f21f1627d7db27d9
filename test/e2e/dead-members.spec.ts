import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { read, tryPut } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';

const deadAfterMs = 5000;
let cluster: ProcessCluster;

beforeAll(async () => {
  const flags = ['-election-timeout-ms', '500', '-remove-dead-after-ms', String(deadAfterMs)];
  cluster = await ProcessCluster.start(4, flags);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

async function memberIds(): Promise<string[]> {
  return (await cluster.view(cluster.node('node01'))).members.map(({ id }) => id);
}

it('the leader removes a member that is dead, which joins anew when it comes back, and keeps three voters', async () => {
  const [first, third, fourth] = ['node01', 'node03', 'node04'].map((id) => cluster.node(id));
  if (first === undefined || third === undefined || fourth === undefined) {
    throw new Error('four nodes were started');
  }
  await fourth.stop('SIGKILL');
  expect(await memberIds()).toHaveLength(4);
  await first.until(async () => (await memberIds()).length === 3, 60_000, 'rid of the dead member');
  expect(await memberIds()).toEqual(['node01', 'node02', 'node03']);
  const logs = await Promise.all(cluster.nodes.map((node) => readFile(node.logFile, 'utf8')));
  expect(logs.join()).toContain(`node04 was not heard for ${deadAfterMs} ms: the leader removes it`);

  await third.stop('SIGKILL');
  expect(await tryPut(first, 'a', 'kept')).toBe('acknowledged');
  fourth.start('-join', first.addresses.http);
  await fourth.ready();
  expect(await read(fourth, 'a', 'consistent')).toBe('kept');
  // With four voters again the third is one too many: only now is it removed.
  await first.until(async () => !(await memberIds()).includes('node03'), 60_000, 'rid of the second dead member');
  expect(await memberIds()).toEqual(['node01', 'node02', 'node04']);
}, 180_000);
