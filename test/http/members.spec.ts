import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ChangeInProgressError,
  NoLeaderError,
  NotHandedOverError,
  OutcomeUnknownError,
  RemovalRefusedError,
} from '../../src/consensus/consensus.errors.js';
import { Configuration } from '../../src/raft/index.js';
import type { Member } from '../../src/raft/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';

let http: HttpHarness;

function member(id: string, changes: Partial<Member> = {}): Member {
  const address = `${id}.test:8091`;
  return { id, instanceId: `i-${id}`, httpAddr: address, raftAddr: address, role: 'voter', promote: true, ...changes };
}

/** The node itself leads n2, n3 and a learner; those of `deaf` are not heard. */
function lead(deaf: readonly string[] = []): void {
  const members = [http.raft.self, member('n2'), member('n3'), member('n4', { role: 'learner' })];
  http.raft.configuration = new Configuration(members);
  http.raft.progress = members.map(({ id }) => {
    return { id, matchIndex: 0, lastContactMs: 0, healthy: !deaf.includes(id) };
  });
}

beforeEach(async () => {
  http = await startHttp();
  lead();
});

afterEach(() => http.close());

describe('DELETE /cluster/members/{id}', () => {
  const remove = (id: string, query = '') =>
    http.app.inject({ method: 'DELETE', url: `/cluster/members/${id}${query}` });

  test('removes it and answers with those that are left', async () => {
    const answer = await remove('n3');
    expect(answer.statusCode).toBe(200);
    const { members } = answer.json<{ members: { id: string }[] }>();
    expect(members.map(({ id }) => id)).toEqual(['n2', 'n4', 'node01']);
    expect(http.raft.changes).toEqual([{ kind: 'remove', id: 'n3' }]);
    expect(http.raft.handOvers).toEqual([]);
  });

  test('a learner goes whoever is heard', async () => {
    lead(['n2', 'n3']);
    expect((await remove('n4')).statusCode).toBe(200);
  });

  test('an unknown id is 404 and nothing changes', async () => {
    expect((await remove('n9')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await remove('n3')).statusCode).toBe(200);
    expect((await remove('n3')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(http.raft.changes).toHaveLength(1);
  });

  test.each(['a%2Fb', 'a%20b', 'x'.repeat(65), '%C3%A9'])('the id %s is 400 and nothing changes', async (id) => {
    expect((await remove(id)).json()).toMatchObject({ status: 400, code: 'INVALID_PARAMETER' });
    expect(http.raft.changes).toEqual([]);
  });

  test('the last voter stays', async () => {
    http.raft.configuration = new Configuration([http.raft.self, member('n4', { role: 'learner' })]);
    const answer = (await remove('node01')).json<{ detail: string }>();
    expect(answer).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(answer.detail).toContain('only voter');
    expect(http.raft.changes).toEqual([]);
  });

  test('a voter stays where the others would have no quorum, the leader leads on', async () => {
    lead(['n3']);
    for (const id of ['n2', 'node01']) {
      const answer = (await remove(id)).json<{ detail: string }>();
      expect(answer).toMatchObject({ status: 409, code: 'CONFLICT' });
      expect(answer.detail).toContain('no majority is heard');
    }
    expect((await remove('n3')).statusCode).toBe(200);
    expect([http.raft.handOvers, http.raft.leaderId]).toEqual([[], 'node01']);
  });

  test('what the leader alone can know is answered the same', async () => {
    http.raft.progress = null;
    http.raft.failOnChange = new RemovalRefusedError('quorumAtRisk');
    expect((await remove('n3')).json()).toMatchObject({ status: 409, code: 'CONFLICT' });
    http.raft.failOnChange = new RemovalRefusedError('unknownMember');
    expect((await remove('n3')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  test.each([
    ['a change in progress', new ChangeInProgressError('busy'), 409, 'CHANGE_IN_PROGRESS'],
    ['an unknown outcome', new OutcomeUnknownError('lost'), 504, 'OUTCOME_UNKNOWN'],
    ['no leader', new NoLeaderError('none'), 503, 'NO_LEADER'],
  ])('%s is said', async (_what, error, status, code) => {
    http.raft.failOnChange = error;
    expect((await remove('n3')).json()).toMatchObject({ status, code });
  });

  test('the leader hands over before another one removes it', async () => {
    http.raft.configuration = new Configuration([http.raft.self, member('n2', { httpAddr: '127.0.0.1:1' })]);
    http.raft.progress = null;
    // Nobody answers at the address of the next leader: it may have happened.
    expect((await remove('node01')).json()).toMatchObject({ status: 504, code: 'OUTCOME_UNKNOWN' });
    expect(http.raft.handOvers).toEqual([null]);
    expect(http.raft.changes).toEqual([]);
  });

  test('a leader that nobody follows removes itself', async () => {
    http.raft.failOnHandOver = new NotHandedOverError('nobody');
    expect((await remove('node01')).statusCode).toBe(200);
    expect(http.raft.changes).toEqual([{ kind: 'remove', id: 'node01' }]);
  });

  test('a follower sends the client to the leader where that is wanted', async () => {
    http.raft.leaderId = 'n2';
    const answer = await remove('n3', '?redirect=true');
    expect([answer.statusCode, answer.headers.location]).toEqual([
      307,
      'http://n2.test:8091/cluster/members/n3?redirect=true',
    ]);
  });

  test('another method is 405 and names the one that there is', async () => {
    const answer = await http.app.inject({ method: 'GET', url: '/cluster/members/n2' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'DELETE']);
  });
});

describe('POST /cluster/leader', () => {
  const handOver = (payload = '') => http.app.inject({ method: 'POST', url: '/cluster/leader', payload });

  test.each([
    ['an empty body', '', 'n2'],
    ['an empty object', '{}', 'n2'],
    ['an id', '{"id": "n3"}', 'n3'],
    ['its own id', '{"id": "node01"}', 'node01'],
  ])('%s: somebody leads', async (_what, body, leaderId) => {
    const answer = await handOver(body);
    expect([answer.statusCode, answer.json()]).toEqual([200, { leaderId, term: 3 }]);
  });

  test('an unknown id is 404', async () => {
    expect((await handOver('{"id": "n9"}')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(http.raft.handOvers).toEqual([]);
  });

  test.each([
    ['a learner', '{"id": "n4"}', 'learner'],
    ['a member that is not heard', '{"id": "n3"}', 'does not hear'],
  ])('%s cannot lead', async (_what, body, text) => {
    lead(['n3']);
    const answer = (await handOver(body)).json<{ detail: string }>();
    expect(answer).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(answer.detail).toContain(text);
    expect(http.raft.handOvers).toEqual([]);
  });

  test('a single voter keeps it', async () => {
    http.raft.configuration = new Configuration([http.raft.self]);
    expect((await handOver()).json()).toMatchObject({ status: 409, code: 'CONFLICT' });
  });

  test('that nobody took it over is said', async () => {
    http.raft.failOnHandOver = new NotHandedOverError('nobody');
    const answer = (await handOver()).json<{ detail: string }>();
    expect(answer).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(answer.detail).toContain('Nobody took leadership over');
  });

  test.each(['nonsense', '[]', '{"id": 1}', '{"id": ""}', '{"id": "a/b"}', '{"node": "n2"}'])(
    'the body %s is 400',
    async (body) => {
      expect((await handOver(body)).statusCode).toBe(400);
      expect(http.raft.handOvers).toEqual([]);
    },
  );
});
