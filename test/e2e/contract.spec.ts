import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read } from '../support/http-client.js';
import { ProcessCluster } from '../support/process-cluster.js';

const run = promisify(execFile);

/** What `curl` prints for arguments as a user types them. */
async function curl(...args: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-s', '-m', '10', ...args]);
  return stdout;
}

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

describe('the commands that users rely on', () => {
  it.each(['node01', 'node02', 'node03'])('work as typed against %s', async (id) => {
    const { http } = cluster.node(id).addresses;
    expect(await curl('-X', 'POST', `${http}/key`, '-d', '{"foo": "bar"}', '-L')).toMatch(/^\{"revision":\d+\}$/);
    expect(await curl('-X', 'GET', `${http}/key/foo`, '-L')).toBe('{"foo":"bar"}');
    expect(await curl('-X', 'GET', `${http}/key/foo?level=stale`)).toBe('{"foo":"bar"}');
    expect(await curl('-X', 'GET', `${http}/key/foo?level=default`, '-L')).toBe('{"foo":"bar"}');
    expect(await curl('-X', 'GET', `${http}/key/foo?level=consistent`, '-L')).toBe('{"foo":"bar"}');
    expect(await curl('-X', 'DELETE', `${http}/key/foo`, '-L')).toMatch(/^\{"revision":\d+,"deleted":1\}$/);
    expect(JSON.parse(await curl('-X', 'GET', `${http}/key/foo`, '-L'))).toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it('redirect to the leader where that is asked for', async () => {
    const { leader, followers } = await cluster.roles(cluster.node('node01'));
    const follower = followers[0]?.addresses.http ?? '';
    const location = await curl('-o', '/dev/null', '-w', '%{redirect_url}', `${follower}/key/a?redirect=true`);
    expect(location).toBe(`http://${leader.addresses.http}/key/a?redirect=true`);
    expect(await curl('-X', 'PUT', `${follower}/key/a?redirect=true`, '-d', '1', '-L')).toMatch(/"revision"/);
  });
});

describe('GET /cluster', () => {
  it('shows on every node what the leader knows of the members', async () => {
    for (const node of cluster.nodes) {
      const { body } = await node.json('/cluster');
      const member = { matchIndex: expect.any(Number), lastContactMs: expect.any(Number), healthy: true };
      expect(body).toMatchObject({ failuresTolerated: 1, members: [member, member, member] });
    }
  });
});

describe('reads on other nodes', () => {
  it('see a write at once when they are consistent', async () => {
    const { followers } = await cluster.roles(cluster.node('node01'));
    const [writer, reader] = followers;
    for (let turn = 0; turn < 200; turn += 1) {
      const { status } = await cluster.node(writer?.id ?? '').json('/key/turn', { method: 'PUT', body: String(turn) });
      expect(status).toBe(200);
      expect(await read(cluster.node(reader?.id ?? ''), 'turn', 'consistent')).toBe(turn);
    }
  }, 60_000);

  it('see a revision that they wait for when they are stale', async () => {
    const { followers } = await cluster.roles(cluster.node('node01'));
    const { body } = await cluster.node(followers[0]?.id ?? '').json('/key/waited', { method: 'PUT', body: '"x"' });
    const { revision } = body as { revision: number };
    const answer = await cluster.node(followers[1]?.id ?? '').json(`/key/waited?level=stale&min-revision=${revision}`);
    expect(answer.body).toEqual({ waited: 'x' });
    expect(answer.headers.get('raftdb-served-by')).toBe(followers[1]?.id);
  });
});
