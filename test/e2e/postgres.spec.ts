import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { read } from '../support/http-client.js';
import { NodeProcess, raftd } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';
import { writeUntil } from '../support/writers.js';

let server: PostgresServer;
let cluster: ProcessCluster;

beforeAll(async () => {
  // A server of our own, since it is stopped; each node has a schema of its own in it.
  server = await PostgresServer.start({ settings: [] });
  cluster = await ProcessCluster.start(3, [], { env: variables });
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
  await server.stop();
}, 60_000);

function variables(): Record<string, string> {
  return { RAFTDB_STORAGE: 'postgres', RAFTDB_POSTGRES_URL: server.url, RAFTDB_POSTGRES_TIMEOUT_MS: '3000' };
}

/** Writes through two nodes while something happens to the third or to the server; nothing acknowledged is lost. */
async function keepsWrites(prefix: string, happen: () => Promise<void>): Promise<void> {
  const work = { isOver: false };
  const [first, second] = cluster.nodes.filter((node) => node.pid !== null);
  const revision = async () => (await cluster.view(cluster.node(first?.id ?? ''))).revision;
  const before = await revision();
  const writers = [first, second].map((node) =>
    writeUntil(cluster.node(node?.id ?? ''), `${prefix}-${node?.id ?? ''}`, () => work.isOver),
  );
  await first?.until(async () => (await revision()) > before + 20, 30_000, 'written to');
  await happen();
  await Promise.all(cluster.nodes.map((node) => node.ready()));
  const after = await revision();
  await first?.until(async () => (await revision()) > after + 20, 60_000, 'served again');
  work.isOver = true;
  const acknowledged = (await Promise.all(writers)).flat();
  expect(acknowledged.length).toBeGreaterThan(20);
  for (const node of cluster.nodes) {
    const values = await Promise.all(acknowledged.map((key) => read(node, key, 'consistent')));
    expect(values).toEqual(acknowledged);
  }
  expect(new Set(await cluster.settledChecksums()).size).toBe(1);
}

describe('three nodes on Postgres', () => {
  it('lose nothing with a leader that is killed', async () => {
    await keepsWrites('kill', async () => {
      const { leader } = await cluster.roles(cluster.node('node01'));
      await leader.stop('SIGKILL');
      leader.start();
    });
  }, 120_000);

  it('go on by themselves when the sessions of the leader are ended at the server', async () => {
    await keepsWrites('sessions', async () => {
      const { leader } = await cluster.roles(cluster.node('node01'));
      const { pid } = leader;
      await server.endSessions(`raftdb_${leader.id}`);
      expect(leader.pid).toBe(pid);
    });
  }, 120_000);

  it('wait for a server that is away, serve stale reads, and go on when it is back', async () => {
    const pids = cluster.nodes.map((node) => node.pid);
    await cluster.node('node01').json('/key/kept', { method: 'PUT', body: '"kept"' });
    await keepsWrites('restart', async () => {
      await server.pause();
      for (const node of cluster.nodes) {
        await node.until(
          async () => (await node.json('/readyz')).status === 503 && (await phaseOf(node)) === 'recovering',
          30_000,
          'aware that its storage is away',
        );
        expect(await read(node, 'kept', 'stale')).toBe('kept');
        expect((await node.json('/livez')).status).toBe(200);
        const refused = await node.json('/key/a', { method: 'PUT', body: '1' });
        expect(refused.body).toMatchObject({ code: 'STARTING' });
      }
      await server.resume();
    });
    expect(cluster.nodes.map((node) => node.pid)).toEqual(pids);
  }, 180_000);

  it('have no second process on the same schema: it exits with 3, and the first is none the worse', async () => {
    const first = cluster.node('node02');
    const [http, raft] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
    const addresses = { ...first.addresses, http: http ?? '', raft: raft ?? '' };
    const intruder = new NodeProcess(addresses, [], [], variables());
    intruder.start();
    expect(await intruder.exited()).toBe(3);
    expect((await first.json('/readyz')).status).toBe(200);
    expect((await first.json('/key/after', { method: 'PUT', body: '1' })).status).toBe(200);
  }, 60_000);
});

describe('the last of them', () => {
  it('goes on alone when the others are lost for good and it was recovered, with what it has', async () => {
    const last = cluster.node('node03');
    expect((await last.json('/key/before', { method: 'PUT', body: '1' })).status).toBe(200);
    await cluster.settledChecksums();
    const { clusterId } = await cluster.view(last);
    await Promise.all(cluster.nodes.map((node) => node.stop('SIGKILL')));
    const mistyped = await raftd(['recover', '--keep', 'node03=h.test:1', '-postgres-schema', 'nowhere'], variables());
    expect(mistyped).toMatchObject({ code: 3, output: expect.stringContaining('there is no schema nowhere') });
    const schemas = await server.query("SELECT 1 FROM pg_namespace WHERE nspname = 'nowhere'");
    expect(schemas).toEqual([]);
    const { code, output } = await raftd(['recover', '--keep', `node03=${last.addresses.http}`], variables());
    expect([code, output]).toEqual([0, expect.stringContaining('node03 is the only voter of cluster')]);
    last.start();
    await last.ready();
    expect((await cluster.view(last)).clusterId).toMatch(new RegExp(`^${clusterId}\\.2-`));
    expect(await read(last, 'before', 'consistent')).toBe(1);
    expect((await last.json('/key/after', { method: 'PUT', body: '2' })).status).toBe(200);
  }, 120_000);
});

async function phaseOf(node: NodeProcess): Promise<unknown> {
  const { body } = await node.json('/status');
  return (body as { node?: { phase?: unknown } }).node?.phase;
}
