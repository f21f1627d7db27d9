import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read, tryPut } from '../support/http-client.js';
import type { WriteOutcome } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

/** Writes through `node` while `act` runs and a little longer. */
async function whileWriting(node: NodeProcess, prefix: string, act: () => Promise<void>): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  const work = { isOver: false };
  const writing = (async () => {
    while (!work.isOver) {
      const key = `${prefix}-${outcomes.length}`;
      outcomes.push(await tryPut(node, key, key));
    }
  })();
  const written = async (count: number): Promise<void> => {
    await node.until(() => Promise.resolve(outcomes.length >= count), 30_000, 'written to');
  };
  try {
    await written(20);
    await act();
    await written(outcomes.length + 20);
  } finally {
    work.isOver = true;
    await writing;
  }
  return outcomes;
}

async function rolesNow(): Promise<{ leader: NodeProcess; followers: NodeProcess[] }> {
  const [asked] = cluster.nodes;
  return cluster.roles(asked ?? cluster.node('node01'));
}

const handOver = (node: NodeProcess, body: object) =>
  node.json('/cluster/leader', { method: 'POST', body: JSON.stringify(body) });

describe('leadership', () => {
  it('goes to the node that is named, through any node, and no write fails', async () => {
    for (const through of cluster.nodes) {
      const { leader, followers } = await rolesNow();
      const next = followers.find((node) => node !== through) ?? leader;
      const outcomes = await whileWriting(through, `hand-over-${through.id}`, async () => {
        const { status, body } = await handOver(through, { id: next.id });
        expect([status, body]).toEqual([200, expect.objectContaining({ leaderId: next.id })]);
      });
      expect(outcomes.filter((outcome) => outcome !== 'acknowledged')).toEqual([]);
      await through.until(async () => (await cluster.view(through)).leaderId === next.id, 30_000, 'led by it');
    }
  }, 120_000);

  it('goes to somebody else where nobody is named', async () => {
    const { leader } = await rolesNow();
    const { status, body } = await handOver(leader, {});
    expect(status).toBe(200);
    expect((body as { leaderId: string }).leaderId).not.toBe(leader.id);
  }, 60_000);

  it('stays where it cannot go to', async () => {
    const { leader } = await rolesNow();
    const { term } = await cluster.view(leader);
    expect((await handOver(leader, { id: 'node09' })).status).toBe(404);
    expect(await cluster.view(leader)).toMatchObject({ leaderId: leader.id, term });
  }, 60_000);
});

/** Databases with what SQLite keeps beside them, and what was set aside once. */
const expectedEntries = 7;

async function nodeStatus(node: NodeProcess): Promise<{ instanceId: string; exclusion: string | null }> {
  const { body } = await node.json('/status');
  return (body as { node: { instanceId: string; exclusion: string | null } }).node;
}

const instanceOf = async (node: NodeProcess): Promise<string> => (await nodeStatus(node)).instanceId;
const excluded = async (node: NodeProcess): Promise<string | null> => (await nodeStatus(node)).exclusion;

/** The members that the leader does not count on. */
async function unhealthy(leader: NodeProcess): Promise<string[]> {
  const { members } = (await leader.json('/cluster')).body as { members: { id: string; healthy: boolean }[] };
  return members.filter(({ healthy }) => !healthy).map(({ id }) => id);
}

/** The store's revision in each stale answer until the watch is over, in the order of the answers. */
async function shownRevisions(node: NodeProcess, watch: { readonly isOver: boolean }): Promise<number[]> {
  const revisions: number[] = [];
  while (!watch.isOver) {
    const answer = await node.json('/key/leave-0?level=stale').catch(() => null);
    const revision = answer?.headers.get('raftdb-revision') ?? null;
    if (revision !== null) {
      revisions.push(Number(revision));
    }
  }
  return revisions;
}

describe('members that leave', () => {
  let gone: NodeProcess;
  const remove = (through: NodeProcess, id: string) => through.json(`/cluster/members/${id}`, { method: 'DELETE' });

  it('are not removed where the others would have no quorum', async () => {
    const { leader, followers } = await rolesNow();
    const [down, up] = followers;
    await down?.stop('SIGKILL');
    await leader.until(
      async () => (await unhealthy(leader)).includes(down?.id ?? ''),
      30_000,
      'aware that one is away',
    );
    for (const id of [leader.id, up?.id ?? '']) {
      const { status, body } = await remove(leader, id);
      expect([status, body]).toEqual([409, expect.objectContaining({ code: 'CONFLICT' })]);
    }
    expect((await cluster.view(leader)).leaderId).toBe(leader.id);
    down?.start();
    await down?.ready();
    // The node knows its leader before the leader has heard enough of it to count on it.
    await leader.until(async () => (await unhealthy(leader)).length === 0, 30_000, 'aware that it is back');
  }, 120_000);

  it('hand leadership over before, also where they are asked themselves, and no write is lost', async () => {
    const { leader, followers } = await rolesNow();
    const [through] = followers;
    const outcomes = await whileWriting(through ?? leader, 'leave', async () => {
      const { status, body } = await remove(leader, leader.id);
      expect(status).toBe(200);
      const { members } = body as { members: { id: string }[] };
      expect(members.map(({ id }) => id)).toEqual(followers.map(({ id }) => id));
    });
    expect(outcomes.filter((outcome) => outcome !== 'acknowledged')).toEqual([]);
    for (const node of followers) {
      expect(await read(node, 'leave-0', 'consistent')).toBe('leave-0');
    }
    expect((await remove(followers[0] ?? leader, leader.id)).status).toBe(404);
    gone = leader;
  }, 120_000);

  it('say so, serve stale reads alone, and leave the others alone', async () => {
    const rest = cluster.nodes.filter((node) => node !== gone);
    const [other] = rest;
    const { term } = await cluster.view(other ?? gone);
    await gone.until(async () => (await excluded(gone)) === 'removed', 30_000, 'aware that it was removed');
    const answer = await gone.json('/readyz?verbose=true');
    expect([answer.status, answer.body]).toEqual([
      503,
      expect.objectContaining({
        checks: expect.arrayContaining([{ name: 'membership', ok: false, detail: 'removed' }]) as unknown,
      }),
    ]);
    expect(await read(gone, 'leave-0', 'stale')).toBe('leave-0');
    for (const level of ['default', 'consistent']) {
      const { status, body } = await gone.json(`/key/leave-0?level=${level}`);
      expect([status, body]).toEqual([503, expect.objectContaining({ code: 'NO_MEMBER' })]);
    }
    expect(await tryPut(gone, 'leave-0', 'late')).toBe('refused');
    expect((await gone.json('/livez')).status).toBe(200);
    expect(await readFile(gone.logFile, 'utf8')).toContain(`the cluster has removed ${gone.id}`);
    expect(await cluster.view(other ?? gone)).toMatchObject({ term });
  }, 60_000);

  it('stay removed over a restart, and join as a new instance with -join, their data set aside', async () => {
    const [other] = cluster.nodes.filter((node) => node !== gone);
    const instanceBefore = await instanceOf(gone);
    await gone.stop('SIGTERM');
    gone.start();
    await gone.until(async () => (await excluded(gone)) === 'removed', 30_000, 'aware that it was removed');
    expect(await gone.stop('SIGTERM')).toBe(0);
    gone.start('-join', other?.addresses.http ?? '');
    const watch = { isOver: false };
    const shown = shownRevisions(gone, watch);
    await gone.ready();
    watch.isOver = true;
    const revisions = await shown;
    expect(revisions.length).toBeGreaterThan(0);
    expect(revisions).toEqual([...revisions].sort((one, two) => one - two));
    expect(await readdir(gone.dataDir)).toContain(`removed-${instanceBefore}`);
    expect(await instanceOf(gone)).not.toBe(instanceBefore);
    expect(await read(gone, 'leave-0', 'consistent')).toBe('leave-0');
    expect(new Set(await cluster.settledChecksums()).size).toBe(1);
    expect(await gone.stop('SIGTERM')).toBe(0);
    gone.start('-join', other?.addresses.http ?? '');
    await gone.ready();
    expect(await readdir(gone.dataDir)).toHaveLength(expectedEntries);
  }, 120_000);
});
