import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { at } from '../../src/lib/assert.js';
import { blocks } from '../operations/page.js';
import { read, tryPut } from '../support/http-client.js';
import { describeWithHelm, render } from './helm.js';
import type { Values } from './helm.js';
import type { Manifest } from './manifests.js';
import { PodProcesses, valuesHere, view } from './pod-processes.js';
import type { Pod } from './pod-processes.js';

/** Tells the pods of these tests from other processes on the loopback network. */
const network = '127.91.3';

let folder: string;
let here: NonNullable<Values['set']>;
let cluster: PodProcesses;
let clusterId: string;

function manifests(set: Readonly<Record<string, number>>): Manifest[] {
  return render({ set: { ...here, ...set } });
}

const first = (): Pod => at(cluster.pods, 0);

describeWithHelm('the pods of the chart, one after the other', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raftdb-pods-'));
    here = await valuesHere();
    cluster = new PodProcesses(folder, network);
    await cluster.apply(manifests({ replicaCount: 3 }));
  });

  afterAll(async () => {
    await cluster.destroy();
    await rm(folder, { recursive: true, force: true });
  }, 30_000);

  it('found one cluster, which takes writes and passes helm test', async () => {
    await cluster.settle(3);
    const ids = await Promise.all(cluster.pods.map(async (pod) => (await view(pod)).clusterId));
    expect(new Set(ids).size).toBe(1);
    [clusterId = ''] = ids;
    expect(await tryPut(first(), 'a', 'kept')).toBe('acknowledged');
    expect(await read(at(cluster.pods, 2), 'a', 'consistent')).toBe('kept');
    expect(await cluster.test()).toContain('a key was written, read back and deleted');
  }, 120_000);

  it('grow to five and shrink to three, and none of them is restarted', async () => {
    const before = cluster.pods.map(({ pid }) => pid);
    await cluster.apply(manifests({ replicaCount: 5 }));
    await cluster.settle(5);
    expect(await read(at(cluster.pods, 4), 'a', 'consistent')).toBe('kept');
    await cluster.apply(manifests({ replicaCount: 3 }));
    await cluster.settle(3);
    expect(cluster.pods.map(({ pid }) => pid)).toEqual(before);
    expect(await tryPut(first(), 'b', 'after')).toBe('acknowledged');
  }, 180_000);

  it('join anew on their old volumes', async () => {
    await cluster.apply(manifests({ replicaCount: 5 }));
    await cluster.settle(5);
    await at(cluster.pods, 4).says('the cluster has removed raftdb-4: its data are set aside in');
    expect(await read(at(cluster.pods, 4), 'b', 'consistent')).toBe('after');
  }, 120_000);

  it('leave the cluster while they run where fewer members are asked for than nodes', async () => {
    await cluster.apply(manifests({ replicaCount: 5, memberCount: 1 }));
    await first().until(async () => (await view(first())).members.length === 1, 90_000, 'alone');
    expect(await tryPut(first(), 'c', 'alone')).toBe('acknowledged');
    expect((await at(cluster.pods, 3).json('/readyz')).status).toBe(503);
    await cluster.apply(manifests({ replicaCount: 3 }));
    await cluster.settle(3);
    expect(await read(at(cluster.pods, 2), 'c', 'consistent')).toBe('alone');
  }, 180_000);

  it('are replaced one after the other without a loss', async () => {
    for (const pod of [...cluster.pods].reverse()) {
      expect(await pod.stop('SIGTERM')).toBe(0);
      expect(await tryPut(at(cluster.pods, pod === first() ? 1 : 0), `roll-${pod.id}`, 'kept')).toBe('acknowledged');
      cluster.start(pod);
      await pod.ready();
    }
    await cluster.settle(3);
    for (const pod of cluster.pods) {
      expect(await read(first(), `roll-${pod.id}`, 'consistent')).toBe('kept');
    }
    expect((await view(first())).clusterId).toBe(clusterId);
  }, 120_000);

  it('found no second cluster where the volume of the first is lost, which comes in once there is room', async () => {
    const second = at(cluster.pods, 1);
    await first().stop('SIGKILL');
    cluster.wipe(first());
    cluster.start(first());
    expect(await first().exited()).toBe(6);
    expect(await tryPut(second, 'd', 'two')).toBe('acknowledged');
    expect((await second.json('/join', { method: 'POST', body: roomForFirst() })).status).toBe(200);
    cluster.start(first());
    await cluster.settle(3, second);
    expect((await view(first())).clusterId).toBe(clusterId);
    expect(await read(first(), 'd', 'consistent')).toBe('two');
  }, 120_000);

  it('stay outside where they are more than members are asked for', async () => {
    const { members } = await view(first());
    cluster.wipe({ id: 'raftdb-4' });
    await cluster.apply(overscaled());
    const [onOldVolume, onNewVolume] = [at(cluster.pods, 3), at(cluster.pods, 4)];
    await onOldVolume.says('the members file has no place for it');
    await onNewVolume.says('NOT_WANTED: 3 members are wanted');
    expect((await view(first())).members).toHaveLength(members.length);
    for (const pod of [onOldVolume, onNewVolume]) {
      await pod.until(async () => (await pod.json('/readyz')).status === 503, 30_000, 'outside');
    }
  }, 60_000);
});

/** What docs/operations.md has sent to make room for the first pod, under the domain and the ports of these tests. */
function roomForFirst(): string {
  const lines = blocks.filter(({ section }) => section === 'On Kubernetes').flatMap((block) => block.lines);
  const [, body = ''] = /\/join -d '(.*)'$/.exec(lines.find((line) => line.startsWith('curl ')) ?? '') ?? [];
  return body
    .replaceAll('cluster.local', String(here.clusterDomain))
    .replace(':8091', `:${String(here['ports.http'])}`)
    .replace(':8089', `:${String(here['ports.raft'])}`);
}

/** As `kubectl scale` leaves them: more pods, the same number in the ConfigMap. */
function overscaled(): Manifest[] {
  const three = manifests({ replicaCount: 3 }).filter(({ kind }) => kind !== 'StatefulSet');
  const five = manifests({ replicaCount: 5 }).filter(({ kind }) => kind === 'StatefulSet');
  return [...three, ...five];
}
