import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Configuration } from '../../src/raft/index.js';
import type { Member } from '../../src/raft/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';

let http: HttpHarness;

const leader: Member = {
  id: 'node02',
  instanceId: 'instance-2',
  httpAddr: 'two.test:8092',
  raftAddr: 'two.test:8089',
  role: 'voter',
  promote: true,
};

/** From here on another node leads. */
function follow(other: Member = leader): void {
  http.raft.configuration = new Configuration([http.raft.self, other]);
  http.raft.leaderId = other.id;
}

beforeEach(async () => {
  http = await startHttp();
  await http.app.inject({ method: 'PUT', url: '/key/a', payload: '1' });
});

afterEach(() => http.close());

describe('levels', () => {
  test.each([
    ['', 'default'],
    ['?level=default', 'default'],
    ['?level=CONSISTENT', 'consistent'],
    ['?level=%20Stale+', 'stale'],
  ])('the query %j reads at level %s', async (query, level) => {
    const read = await http.app.inject(`/key/a${query}`);
    expect(read.statusCode).toBe(200);
    expect(http.raft.levels).toEqual([level]);
    expect(read.headers).toMatchObject({
      'raftdb-consistency': level,
      'raftdb-revision': '1',
      'raftdb-served-by': 'node01',
    });
  });

  test.each(['level=foo', 'level=', 'level', 'level=stale&level=stale', 'level=%ff'])(
    '%s is refused',
    async (query) => {
      for (const path of ['/key/a', '/key']) {
        expect((await http.app.inject(`${path}?${query}`)).json()).toMatchObject({
          status: 400,
          code: 'INVALID_LEVEL',
        });
      }
      expect(http.raft.levels).toEqual([]);
    },
  );

  test('a stale read says how stale, and works without a leader', async () => {
    const led = await http.app.inject('/key/a?level=stale');
    expect(led.headers).toMatchObject({ 'raftdb-last-contact-ms': '0', 'raftdb-known-leader': 'node01' });
    follow();
    const following = await http.app.inject('/key/a?level=stale');
    expect(following.headers).toMatchObject({ 'raftdb-last-contact-ms': '12', 'raftdb-known-leader': 'node02' });
    http.raft.leaderId = null;
    const alone = await http.app.inject('/key/a?level=stale');
    expect(alone.statusCode).toBe(200);
    expect(alone.headers).not.toHaveProperty('raftdb-last-contact-ms');
    expect(alone.headers).not.toHaveProperty('raftdb-known-leader');
  });

  test('other reads leave out what only stale ones say', async () => {
    const { headers } = await http.app.inject('/key/a');
    expect(headers).not.toHaveProperty('raftdb-last-contact-ms');
    expect(headers).not.toHaveProperty('raftdb-known-leader');
  });

  test('min-revision waits for the revision', async () => {
    http.raft.onWait = () => {
      void http.app.inject({ method: 'PUT', url: '/key/a', payload: '2' });
    };
    const read = await http.app.inject('/key/a?level=stale&min-revision=2');
    expect([read.body, read.headers['raftdb-revision']]).toEqual(['{"a":2}', '2']);
  });

  test('min-revision that is not reached in time: 504', async () => {
    const read = await http.app.inject('/key/a?level=stale&min-revision=2&timeout=10ms');
    expect(read.json()).toMatchObject({ status: 504, code: 'TIMEOUT' });
  });
});

describe('timeout', () => {
  test.each([
    ['', 5000],
    ['?timeout=250ms', 250],
    ['?timeout=2s', 2000],
    ['?timeout=1m', 60_000],
    ['?timeout=70', 70],
  ])('the query %j waits at most %i ms', async (query, timeoutMs) => {
    // What the way here took is taken off, and that is not for this test to say.
    const expectAlmostAll = () => {
      expect(http.raft.lastTimeoutMs).toBeLessThanOrEqual(timeoutMs);
      expect(http.raft.lastTimeoutMs).toBeGreaterThan(0);
      expect(http.raft.lastTimeoutMs).toBeGreaterThan(timeoutMs - 1000);
    };
    await http.app.inject(`/key/a${query}`);
    expectAlmostAll();
    await http.app.inject({ method: 'PUT', url: `/key/a${query}`, payload: '1' });
    expectAlmostAll();
  });

  test.each(['0', '0s', '-1', '1h', '1.5s', '11m', 'x', ''])('timeout=%s is refused', async (timeout) => {
    const refused = await http.app.inject(`/key/a?timeout=${timeout}`);
    expect(refused.json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
  });
});

describe('redirects', () => {
  const requests: readonly ['GET' | 'PUT' | 'POST' | 'DELETE', string][] = [
    ['GET', '/key/a%2Fb?level=consistent&redirect=true'],
    ['GET', '/key?prefix=a&redirect'],
    ['PUT', '/key/a?redirect=true'],
    ['POST', '/key?redirect=true'],
    ['DELETE', '/key/a?redirect=true&timeout=1s'],
    ['DELETE', '/key?prefix=a&redirect=true'],
  ];

  test.each(requests)('%s %s goes to the leader as it stands', async (method, url) => {
    follow();
    const answer = await http.app.inject({
      method,
      url,
      headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test' },
      ...(method === 'GET' ? {} : { payload: '{"a":1}' }),
    });
    expect([answer.statusCode, answer.headers.location]).toEqual([307, `http://two.test:8092${url}`]);
    expect(http.store.revision()).toBe(1);
  });

  test('a join goes to the leader too', async () => {
    follow();
    const payload = '{"id":"n3","httpAddr":"h:1","raftAddr":"h:2"}';
    const answer = await http.app.inject({ method: 'POST', url: '/join?redirect=true', payload });
    expect([answer.statusCode, answer.headers.location]).toEqual([307, 'http://two.test:8092/join?redirect=true']);
    expect(http.raft.changes).toEqual([]);
  });

  test('a stale read is answered here', async () => {
    follow();
    expect((await http.app.inject('/key/a?level=stale&redirect=true')).statusCode).toBe(200);
  });

  test('without it a follower answers for the leader', async () => {
    follow();
    expect((await http.app.inject('/key/a')).statusCode).toBe(200);
    expect((await http.app.inject({ method: 'PUT', url: '/key/a', payload: '2' })).statusCode).toBe(200);
  });

  test('the leader never redirects, nor does a node to its own address', async () => {
    expect((await http.app.inject('/key/a?redirect=true')).statusCode).toBe(200);
    http.raft.configuration = new Configuration([{ ...http.raft.self, httpAddr: 'formerly.test:8091' }]);
    expect((await http.app.inject('/key/a?redirect=true')).statusCode).toBe(200);
    follow({ ...leader, httpAddr: 'one.test:8091' });
    expect((await http.app.inject('/key/a?redirect=true')).statusCode).toBe(200);
  });

  test('wait for a leader', async () => {
    http.raft.configuration = new Configuration([http.raft.self, leader]);
    http.raft.leaderId = null;
    http.raft.onWait = () => {
      http.raft.leaderId = leader.id;
    };
    expect((await http.app.inject('/key/a?redirect=true')).statusCode).toBe(307);
  });

  test('where no leader is found in time it is 503', async () => {
    http.raft.leaderId = null;
    const answer = await http.app.inject('/key/a?redirect=true');
    expect(answer.json()).toMatchObject({ status: 503, code: 'NO_LEADER' });
    expect(answer.headers['retry-after']).toBe('1');
  });

  test('the setting redirects, unless the request says no', async () => {
    const redirecting = await startHttp({ routing: 'redirect' });
    redirecting.raft.configuration = new Configuration([redirecting.raft.self, leader]);
    redirecting.raft.leaderId = leader.id;
    expect((await redirecting.app.inject('/key/a')).statusCode).toBe(307);
    expect((await redirecting.app.inject('/key/a?redirect=false')).statusCode).toBe(404);
    await redirecting.close();
  });
});
