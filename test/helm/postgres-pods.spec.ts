import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { RetryingWriters } from '../../scripts/cluster/retrying-writers.js';
import { at } from '../../src/lib/assert.js';
import { read, tryPut } from '../support/http-client.js';
import { describeWithHelm, render } from './helm.js';
import type { Values } from './helm.js';
import { PodProcesses, valuesHere, view } from './pod-processes.js';
import type { Secrets } from './pod-processes.js';

/** Tells the pods of these tests from other processes on the loopback network. */
const network = '127.91.4';

let folder: string;
let server: PostgresServer;
let here: NonNullable<Values['set']>;
let cluster: PodProcesses;

/** What the variants name: one secret holds a URL with its password, the other one each for itself. */
function secretsOf({ url }: PostgresServer): Secrets {
  const bare = new URL(url);
  bare.password = '';
  return {
    'raftdb-postgres': { url },
    'postgres-credentials': { server: bare.href, password: new URL(url).password },
    'more-variables': { RAFTDB_POSTGRES_TIMEOUT_MS: '9000' },
  };
}

describeWithHelm('the pods of the chart on a Postgres server, one after the other', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raftdb-postgres-pods-'));
    server = await PostgresServer.start({ settings: [] });
    here = await valuesHere();
    cluster = new PodProcesses(folder, network, secretsOf(server));
    await cluster.apply(render({ variant: 'postgres', set: here }));
  }, 60_000);

  afterAll(async () => {
    await cluster.destroy();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('found one cluster, whose data are at the server and nowhere else', async () => {
    await cluster.settle(3);
    const ids = await Promise.all(cluster.pods.map(async (pod) => (await view(pod)).clusterId));
    expect(new Set(ids).size).toBe(1);
    expect(await tryPut(at(cluster.pods, 0), 'a', 'kept')).toBe('acknowledged');
    expect(await read(at(cluster.pods, 2), 'a', 'consistent')).toBe('kept');
    const schemas = await server.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'raftdb%' ORDER BY 1");
    expect(schemas.map(({ nspname }) => nspname)).toEqual([0, 1, 2].map((ordinal) => `raftdb_raftdb-${ordinal}`));
    expect(cluster.volumes()).toEqual([]);
  }, 60_000);

  it('are replaced one after the other, now with the password in a key of its own, and lose nothing', async () => {
    await cluster.apply(render({ variant: 'existing-secret', set: here }));
    const writers = new RetryingWriters(
      cluster.pods.map(({ url }) => url),
      2,
    );
    try {
      for (const pod of [...cluster.pods].reverse()) {
        expect(await pod.stop('SIGTERM')).toBe(0);
        await writers.successes(10);
        cluster.start(pod);
        await pod.ready();
      }
      await writers.successes(10);
    } finally {
      await writers.stop();
    }
    expect(writers.failed).toEqual([]);
    const first = at(cluster.pods, 0);
    const values = await Promise.all(writers.acknowledged.map((key) => read(first, key, 'consistent')));
    expect(values).toEqual(writers.acknowledged);
    const { body } = await first.json('/status');
    expect(JSON.stringify(body)).toContain('"postgresTimeoutMs":9000');
  }, 90_000);

  it('grow to five by the mounted number', async () => {
    await cluster.apply(render({ variant: 'existing-secret', set: { ...here, replicaCount: 5 } }));
    await cluster.settle(5);
    expect(await read(at(cluster.pods, 4), 'a', 'stale')).toBe('kept');
  }, 120_000);
});
