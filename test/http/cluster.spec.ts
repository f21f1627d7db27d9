import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Readiness } from '../../src/health/readiness.js';
import { Configuration } from '../../src/raft/index.js';
import type { Member } from '../../src/raft/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';

let http: HttpHarness;

beforeEach(async () => {
  http = await startHttp();
});

afterEach(() => http.close());

function member(id: string, changes: Partial<Member> = {}): Member {
  const address = `${id}.test:8091`;
  return { id, instanceId: `i-${id}`, httpAddr: address, raftAddr: address, role: 'voter', promote: true, ...changes };
}

async function join(body: unknown) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return http.app.inject({ method: 'POST', url: '/join', payload });
}

describe('GET /cluster', () => {
  test('the leader tells what it knows of the members', async () => {
    http.raft.configuration = new Configuration([http.raft.self, member('n2'), member('n3', { role: 'learner' })]);
    expect((await http.app.inject('/cluster')).json()).toEqual({
      clusterId: 'cluster-1',
      nodeId: 'node01',
      leaderId: 'node01',
      term: 3,
      commitIndex: 0,
      appliedIndex: 0,
      revision: 0,
      checksum: http.store.checksum(),
      failuresTolerated: 0,
      members: [
        {
          id: 'n2',
          instanceId: 'i-n2',
          httpAddr: 'n2.test:8091',
          raftAddr: 'n2.test:8091',
          role: 'follower',
          voter: true,
          lagEntries: null,
          matchIndex: null,
          lastContactMs: null,
          healthy: null,
        },
        expect.objectContaining({ id: 'n3', role: 'learner', voter: false }),
        expect.objectContaining({ id: 'node01', role: 'leader', voter: true, matchIndex: 0, healthy: true }),
      ],
      configurationIndex: 0,
      changes: [{ kind: 'promotion', id: 'n3', detail: 'catches up' }],
      comparedIndex: 0,
      alarms: [],
    });
  });

  test('failures are tolerated while healthy voters exceed a quorum', async () => {
    const voters = [http.raft.self, member('n2'), member('n3')];
    http.raft.configuration = new Configuration(voters);
    http.raft.progress = voters.map(({ id }) => ({ id, matchIndex: 0, lastContactMs: 0, healthy: true }));
    expect((await http.app.inject('/cluster')).json()).toMatchObject({ failuresTolerated: 1 });
    http.raft.progress = voters.map(({ id }) => ({ id, matchIndex: 0, lastContactMs: 0, healthy: id !== 'n3' }));
    expect((await http.app.inject('/cluster')).json()).toMatchObject({ failuresTolerated: 0 });
  });

  test('each member lags behind the one that stored most', async () => {
    const members = [http.raft.self, member('n2')];
    http.raft.configuration = new Configuration(members);
    const stored = { node01: 90, n2: 83 } as Record<string, number>;
    http.raft.progress = members.map(({ id }) => ({
      id,
      matchIndex: stored[id] ?? 0,
      lastContactMs: 0,
      healthy: true,
    }));
    expect((await http.app.inject('/cluster')).json()).toMatchObject({
      members: [
        { id: 'n2', lagEntries: 7 },
        { id: 'node01', lagEntries: 0 },
      ],
    });
  });

  test('changes of the members are shown as long as they are in progress', async () => {
    const learner = { role: 'learner', promote: true } as const;
    http.raft.configuration = new Configuration([
      http.raft.self,
      member('n2', learner),
      member('n3', { ...learner, instanceId: '' }),
      member('n4', { ...learner, promote: false }),
    ]);
    http.raft.configurationIndex = 7;
    expect((await http.app.inject('/cluster')).json()).toMatchObject({
      changes: [
        { kind: 'members', id: null, detail: 'the list of entry 7 is not committed yet' },
        { kind: 'promotion', id: 'n2', detail: 'catches up' },
        { kind: 'promotion', id: 'n3', detail: 'waits for its node to come' },
      ],
    });
  });

  test('what only the leader knows is null where no leader answers', async () => {
    http.raft.configuration = new Configuration([http.raft.self, member('n2')]);
    http.raft.leaderId = 'n2';
    const view = (await http.app.inject('/cluster')).json<{ failuresTolerated: null; members: object[] }>();
    expect(view.failuresTolerated).toBeNull();
    expect(view.members).toEqual([
      expect.objectContaining({ id: 'n2', role: 'leader', matchIndex: null, lastContactMs: null, healthy: null }),
      expect.objectContaining({ id: 'node01', role: 'follower', matchIndex: null, healthy: null }),
    ]);
  });

  test('members whose states differ are an alarm', async () => {
    const odd = { id: 'n2', instanceId: 'i-n2', checksum: 'bb' };
    const even = { id: 'n3', instanceId: 'i-n3', checksum: 'aa' };
    http.raft.findings = {
      comparedIndex: 12,
      divergences: [
        { index: 17, majorityChecksum: 'aa', members: [odd], ageMs: 250 },
        { index: 15, majorityChecksum: null, members: [odd, even], ageMs: 0 },
      ],
    };
    expect((await http.app.inject('/cluster')).json()).toMatchObject({
      comparedIndex: 12,
      alarms: [
        {
          code: 'STATE_DIVERGED',
          index: 17,
          members: ['n2'],
          detail: 'the state of a member is not that of the others at index 17: n2 has bb, a majority has aa',
          sinceMs: 250,
        },
        {
          code: 'STATE_DIVERGED',
          index: 15,
          members: ['n2', 'n3'],
          detail: 'the states of the members differ at index 15 and no majority agrees: n2 has bb, n3 has aa',
          sinceMs: 0,
        },
      ],
    });
  });
});

describe('POST /join', () => {
  const valid = { id: 'node02', httpAddr: 'two.test:8091', raftAddr: '[::1]:8089', instanceId: 'instance-2' };

  test('lets the node in and answers with the members', async () => {
    const answer = await join(valid);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        clusterId: 'cluster-1',
        members: [expect.objectContaining({ id: 'node01', voter: true }), { ...valid, voter: false }],
      },
    ]);
    expect(http.raft.changes).toEqual([{ kind: 'join', member: { ...valid, promote: true }, replace: false }]);
  });

  test('a node with data of another cluster or epoch is not let in', async () => {
    const answer = await join({ ...valid, clusterId: 'cluster-1.2-0a' });
    expect(answer.json()).toMatchObject({
      status: 409,
      code: 'CONFLICT',
      detail: expect.stringContaining('cluster-1.2-0a'),
    });
    expect(http.raft.changes).toEqual([]);
    expect((await join({ ...valid, clusterId: 'cluster-1' })).statusCode).toBe(200);
  });

  test('the instance may be left out, and another one replaced', async () => {
    await join({ ...valid, instanceId: undefined, replace: true });
    expect(http.raft.changes).toMatchObject([{ member: { instanceId: null }, replace: true }]);
  });

  test.each<[string, object]>([
    ['an unknown field', { ...valid, extra: 1 }],
    ['no id', { ...valid, id: undefined }],
    ['an id of 65 characters', { ...valid, id: 'x'.repeat(65) }],
    ['an id with a slash', { ...valid, id: 'a/b' }],
    ['a scheme', { ...valid, httpAddr: 'http://two.test:8091' }],
    ['a path', { ...valid, httpAddr: 'two.test:8091/x' }],
    ['a user', { ...valid, httpAddr: 'user@two.test:8091' }],
    ['no port', { ...valid, raftAddr: 'two.test' }],
    ['port 0', { ...valid, raftAddr: 'two.test:0' }],
    ['port 65536', { ...valid, raftAddr: 'two.test:65536' }],
    ['a host of 254 characters', { ...valid, raftAddr: `${'a.'.repeat(127)}:1` }],
    ['an IPv6 address without brackets', { ...valid, raftAddr: '::1:8089' }],
    ['an address that is a number', { ...valid, raftAddr: 8089 }],
    ['replace as a text', { ...valid, replace: 'true' }],
  ])('%s: 400 INVALID_PARAMETER', async (_what, body) => {
    expect((await join(body)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
    expect(http.raft.changes).toEqual([]);
  });

  test('what was sent does not come back in the error', async () => {
    expect((await join({ ...valid, '<script>': 1 })).body).not.toContain('script');
  });

  test.each(['', '{', '[1', '\ufeff{}'])('the body %j: 400 INVALID_JSON', async (body) => {
    expect((await join(body)).json()).toMatchObject({ status: 400, code: 'INVALID_JSON' });
  });

  test.each(['null', '[]', '1'])('the body %j: 400 INVALID_PARAMETER', async (body) => {
    expect((await join(body)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
  });
});

describe('GET /status', () => {
  test('shows the node and its settings, secrets masked', async () => {
    const secretive = { databasePassword: 'canary', databaseUrl: 'postgres://me:canary@db/x' };
    const other = await startHttp(secretive as object);
    const { body } = await other.app.inject('/status');
    expect(JSON.parse(body)).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: { id: 'node01', phase: 'running' },
      raft: { role: 'leader', membership: 'voter', term: 3, lagEntries: 0 },
      storage: { usedBytes: 4096, freeBytes: 1_000_000, isFull: false, isStalled: false },
      settings: { electionTimeoutMs: 1000, databasePassword: '***', databaseUrl: 'postgres://***@db/x' },
    });
    expect(body).not.toContain('canary');
    await other.close();
  });

  test('a node that is no member has no part in it, and a storage that does not answer no size', async () => {
    http.raft.configuration = new Configuration([member('n2')]);
    http.raft.sizes = { usedBytes: null, freeBytes: null };
    expect((await http.app.inject('/status')).json()).toMatchObject({
      raft: { membership: null },
      storage: { usedBytes: null, freeBytes: null },
    });
  });
});

describe('health', () => {
  async function readiness() {
    const answer = await http.app.inject('/readyz?verbose=true');
    const { checks } = answer.json<{ checks: { name: string; ok: boolean }[] }>();
    return { status: answer.statusCode, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
  }

  beforeEach(async () => {
    await http.app.inject({ method: 'PUT', url: '/key/first', payload: '1' });
  });

  test('a voter with a leader is ready', async () => {
    expect(await readiness()).toEqual({ status: 200, failed: [] });
    expect((await http.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  });

  test.each<[string, () => void, readonly string[]]>([
    ['reads back its data', () => (http.raft.phase = 'starting'), ['phase']],
    ['has no leader', () => (http.raft.leaderId = null), ['leader']],
    ['has a failed storage', () => (http.raft.failure = 'EIO'), ['storage']],
    ['has a storage that stalls', () => (http.raft.isStorageStalled = true), ['storage']],
    ['has a storage that does not answer', () => (http.raft.sizes = { usedBytes: null, freeBytes: null }), ['storage']],
    ['lags', () => (http.raft.lagEntries = 10_001), ['lag']],
    [
      'is shutting down',
      () => {
        http.app.get(Readiness).turnOff();
      },
      ['process'],
    ],
    ['was removed', () => (http.raft.exclusion = 'removed'), ['membership']],
    ['was replaced', () => (http.raft.exclusion = 'replaced'), ['membership']],
    ['was left behind by a rescue', () => (http.raft.exclusion = 'leftBehind'), ['membership']],
    ['is no member', () => (http.raft.configuration = new Configuration([member('n2')])), ['membership']],
    [
      'is another instance than the member',
      () => (http.raft.configuration = new Configuration([{ ...http.raft.self, instanceId: 'other' }])),
      ['membership'],
    ],
    [
      'waits for its promotion',
      () => (http.raft.configuration = new Configuration([{ ...http.raft.self, role: 'learner' }])),
      ['membership'],
    ],
  ])('a node that %s is not ready and alive', async (_what, change, failed) => {
    change();
    expect(await readiness()).toEqual({ status: 503, failed });
    expect((await http.app.inject('/readyz')).json()).toMatchObject({ code: 'NOT_READY' });
    expect((await http.app.inject('/livez')).json()).toEqual({ status: 'alive' });
  });

  test('the checks have names and say what they found', async () => {
    expect((await http.app.inject('/readyz?verbose=true')).json()).toEqual({
      status: 'ready',
      checks: [
        { name: 'process', ok: true, detail: 'serving' },
        { name: 'storage', ok: true, detail: 'works' },
        { name: 'phase', ok: true, detail: 'running' },
        { name: 'leader', ok: true, detail: 'known' },
        { name: 'lag', ok: true, detail: '0 entries' },
        { name: 'membership', ok: true, detail: 'voter' },
      ],
    });
  });

  test('a learner for good is ready once it has caught up', async () => {
    http.raft.configuration = new Configuration([{ ...http.raft.self, role: 'learner', promote: false }]);
    http.raft.lagEntries = 10_001;
    expect(await readiness()).toEqual({ status: 503, failed: ['lag'] });
    http.raft.lagEntries = 10_000;
    expect(await readiness()).toEqual({ status: 200, failed: [] });
  });

  test('a setting says how far a ready node may lag', async () => {
    const strict = await startHttp({ readyLagEntriesMax: 5 });
    await strict.app.inject({ method: 'PUT', url: '/key/first', payload: '1' });
    strict.raft.lagEntries = 5;
    expect((await strict.app.inject('/readyz')).statusCode).toBe(200);
    strict.raft.lagEntries = 6;
    expect((await strict.app.inject('/readyz')).json()).toMatchObject({
      code: 'NOT_READY',
      detail: expect.stringContaining('lag: 6 entries are not applied yet'),
    });
    await strict.close();
  });

  test('a node that has heard of nothing committed is not ready', async () => {
    const fresh = await startHttp();
    expect((await fresh.app.inject('/readyz')).json()).toMatchObject({
      detail: expect.stringContaining('lag: nothing was received yet'),
    });
    await fresh.close();
  });

  test('a storage that is not open yet is not asked for more', async () => {
    http.raft.phase = 'starting';
    http.raft.sizes = { usedBytes: null, freeBytes: null };
    expect((await readiness()).failed).toEqual(['phase']);
  });

  test('health says nothing of ids and addresses', async () => {
    http.raft.leaderId = null;
    for (const url of ['/livez', '/readyz', '/readyz?verbose=true']) {
      expect((await http.app.inject(url)).body).not.toMatch(/node01|\.test|instance/);
    }
  });

  test('while the node starts, reads say so and the explorer works', async () => {
    http.raft.phase = 'starting';
    expect((await http.app.inject('/key/a?level=stale')).json()).toMatchObject({ status: 503, code: 'STARTING' });
    expect((await http.app.inject('/docs')).statusCode).toBe(200);
    expect((await http.app.inject('/cluster')).statusCode).toBe(200);
  });
});
