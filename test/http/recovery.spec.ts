import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Configuration } from '../../src/raft/index.js';
import type { Member } from '../../src/raft/index.js';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';

let http: HttpHarness;
let others: Server[];

beforeEach(async () => {
  http = await startHttp();
  others = [];
});

afterEach(async () => {
  await http.close();
  await Promise.all(others.map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A member that answers `GET /status` like this; null: nobody listens there. */
async function member(id: string, answer: object | null): Promise<Member> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const httpAddr = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (answer === null) {
    await new Promise((resolve) => server.close(resolve));
  } else {
    others.push(server);
  }
  return { id, instanceId: `i-${id}`, httpAddr, raftAddr: httpAddr, role: 'voter', promote: true };
}

function status(id: string, end: { durableIndex: number; durableTerm: number }, node: object = {}): object {
  return {
    node: { id, instanceId: `i-${id}`, clusterId: 'cluster-1', phase: 'running', ...node },
    raft: { commitIndex: 0 },
    log: end,
  };
}

async function recovery(): Promise<Record<string, unknown>> {
  return (await http.app.inject('/cluster/recovery')).json();
}

describe('GET /cluster/recovery', () => {
  it('chooses the survivor that is the most up to date, by the term and then the index', async () => {
    const members = [
      http.raft.self,
      await member('n2', status('n2', { durableIndex: 5, durableTerm: 4 })),
      ...(await Promise.all(['n3', 'n4', 'n5'].map((id) => member(id, null)))),
    ];
    http.raft.configuration = new Configuration(members);
    http.raft.leaderId = null;
    expect(await recovery()).toMatchObject({
      clusterId: 'cluster-1',
      nodeId: 'node01',
      lastTerm: 3,
      isQuorumLost: true,
      quorum: 3,
      choose: 'n2',
      advice: expect.stringContaining(`raftd recover --keep n2=${members[1]?.httpAddr ?? ''} DATA_DIR`),
      members: [
        { id: 'n2', state: 'present', lastIndex: 5, lastTerm: 4 },
        { id: 'n3', state: 'absent', lastIndex: null, lastTerm: null },
        { id: 'n4', state: 'absent' },
        { id: 'n5', state: 'absent' },
        { id: 'node01', state: 'present', lastTerm: 3 },
      ],
    });
  });

  it.each<[string, object]>([
    ['a wiped disk', { instanceId: 'other' }],
    ['another node', { id: 'n9' }],
    ['another cluster', { clusterId: 'cluster-2' }],
    ['a node without a cluster', { clusterId: null }],
  ])('%s at the address of a member is no survivor', async (_what, node) => {
    const n2 = await member('n2', status('n2', { durableIndex: 5, durableTerm: 4 }, node));
    http.raft.configuration = new Configuration([http.raft.self, n2, await member('n3', null)]);
    http.raft.leaderId = null;
    expect(await recovery()).toMatchObject({
      isQuorumLost: true,
      choose: 'node01',
      members: [{ state: 'absent' }, {}, {}],
    });
  });

  it.each(['starting', 'recovering'])(
    'a member that is %s counts, and nobody is chosen before it is clear',
    async (phase) => {
      // Before its data are read it does not know who it is either.
      const unknown = phase === 'starting' ? { instanceId: '', clusterId: null } : {};
      const n2 = await member('n2', status('n2', { durableIndex: 0, durableTerm: 0 }, { phase, ...unknown }));
      const lost = await Promise.all(['n3', 'n4', 'n5'].map((id) => member(id, null)));
      http.raft.leaderId = null;
      http.raft.configuration = new Configuration([http.raft.self, n2, ...lost.slice(0, 1)]);
      expect(await recovery()).toMatchObject({ isQuorumLost: false, choose: null });
      http.raft.configuration = new Configuration([http.raft.self, n2, ...lost]);
      expect(await recovery()).toMatchObject({
        isQuorumLost: true,
        choose: null,
        advice: expect.stringContaining('n2 cannot say yet where its log ends'),
        members: [{ state: 'unclear', lastIndex: null }, {}, {}, {}, {}],
      });
    },
  );

  it('a node that the cluster has left behind is not recovered', async () => {
    const rescued = { instanceId: 'i-n2', clusterId: 'cluster-1.2-0a' };
    const n2 = await member('n2', status('n2', { durableIndex: 5, durableTerm: 4 }, rescued));
    http.raft.configuration = new Configuration([http.raft.self, n2, await member('n3', null)]);
    http.raft.leaderId = null;
    expect(await recovery()).toMatchObject({
      isQuorumLost: false,
      choose: null,
      advice: expect.stringContaining('was rescued already'),
      members: [{ state: 'rescued' }, {}, {}],
    });
    http.raft.exclusion = 'leftBehind';
    expect(await recovery()).toMatchObject({
      choose: null,
      advice: expect.stringContaining('left behind by a rescue'),
    });
  });

  it('a node whose own storage is away says so', async () => {
    http.raft.phase = 'recovering';
    http.raft.configuration = Configuration.empty;
    expect(await recovery()).toMatchObject({ isQuorumLost: false, advice: expect.stringContaining('is away') });
  });

  it('nothing is lost while there is a leader or a majority answers, and it says so', async () => {
    const n2 = await member('n2', status('n2', { durableIndex: 5, durableTerm: 4 }));
    http.raft.configuration = new Configuration([http.raft.self, n2, await member('n3', null)]);
    http.raft.leaderId = 'n3';
    expect(await recovery()).toMatchObject({ isQuorumLost: false, advice: 'There is a leader: nothing is lost.' });
    http.raft.leaderId = null;
    expect(await recovery()).toMatchObject({ isQuorumLost: false, advice: expect.stringContaining('2 voters answer') });
    expect((await http.app.inject('/cluster/recovery?x=1')).statusCode).toBe(400);
    http.raft.phase = 'starting';
    expect(await recovery()).toMatchObject({ status: 503, code: 'STARTING' });
  });
});
