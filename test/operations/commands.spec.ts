import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryingWriters } from '../../scripts/cluster/retrying-writers.js';
import { read, readAll, tryPut } from '../support/http-client.js';
import type { ClusterView } from '../support/process-cluster.js';
import { Machines } from './machines.js';
import type { Machine } from './machines.js';
import { blocks } from './page.js';

const bump = 1_000_000_000;
const minutes = 60_000;

let folder: string;
let machines: Machines;
/** Blocks that were not run yet, in the order of the page. */
const ahead = blocks.filter(({ section, language }) => section !== 'On Kubernetes' && language === 'sh');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-operations-'));
  machines = new Machines(folder);
});

afterAll(async () => {
  await machines.destroy();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

/** Runs the next blocks of the page, which must be all that are left of a section, or its next `count`. */
async function follow(section: string, count = Infinity): Promise<string[]> {
  const outputs: string[] = [];
  for (let done = 0; done < count && ahead[0]?.section === section; done += 1) {
    const [block] = ahead.splice(0, 1);
    outputs.push(...(block === undefined ? [] : await machines.run(block)));
  }
  return outputs;
}

const host = (number: number): Machine => machines.machine(`host-${String(number).padStart(2, '0')}`);
const view = async (machine: Machine): Promise<ClusterView> => (await machine.json('/cluster')).body as ClusterView;
const voters = async (machine: Machine): Promise<string[]> =>
  (await view(machine)).members.filter(({ voter }) => voter).map(({ id }) => id);
const last = (outputs: readonly string[]): unknown => JSON.parse(outputs.at(-1) ?? '');
const three = ['node01', 'node02', 'node03'];

/** A machine whose power is off and whose disk is gone. */
async function lose(machine: Machine): Promise<void> {
  await machine.stop('SIGKILL');
  await rm(join(machine.home, '.raftdb'), { recursive: true });
}

describe('the commands of docs/operations.md, one section after the other', () => {
  it(
    'Install: three nodes found one cluster, which serves',
    async () => {
      const outputs = await follow('Install');
      expect(outputs).toContain('{"hello":"world"}');
      expect(last(outputs)).toMatchObject({ failuresTolerated: 1 });
      expect(await voters(host(1))).toEqual(three);
    },
    minutes,
  );

  it('Size: the status shows what a node takes', async () => {
    expect(last(await follow('Size'))).toMatchObject({
      log: { bytes: expect.any(Number) },
      storage: { usedBytes: expect.any(Number) },
    });
  });

  it(
    'Upgrade: no write fails, none is lost, and leadership goes where it is sent',
    async () => {
      const before = [1, 2, 3].map((number) => host(number).pid);
      const writers = new RetryingWriters(
        [1, 2, 3].map((number) => host(number).url),
        2,
      );
      await writers.successes(20);
      const outputs = await follow('Upgrade');
      await writers.successes(20);
      await writers.stop();
      expect(writers.failed).toEqual([]);
      expect([1, 2, 3].filter((number, place) => host(number).pid === before[place])).toEqual([]);
      expect(await readAll(host(3), writers.acknowledged, 'default')).toEqual(writers.acknowledged);
      expect(last(outputs)).toMatchObject({ leaderId: 'node02' });
      expect(await read(host(1), 'hello', 'consistent')).toBe('world');
    },
    minutes * 2,
  );

  it(
    'Scale: to five and back to three, with all data',
    async () => {
      await follow('Scale', 1);
      expect(await voters(host(1))).toEqual([...three, 'node04', 'node05']);
      expect(await read(host(5), 'hello', 'stale')).toBe('world');
      await follow('Scale');
      expect(await voters(host(1))).toEqual(three);
      expect([host(4).pid, host(5).pid]).toEqual([null, null]);
      expect(await tryPut(host(1), 'scaled', 'back')).toBe('acknowledged');
    },
    minutes * 2,
  );

  it('Back up: a file of all keys', async () => {
    await follow('Back up');
    expect(existsSync(join(folder, 'desk', 'raftdb.backup'))).toBe(true);
  });

  it(
    'Restore: into the running cluster',
    async () => {
      const { revision } = await view(host(1));
      expect(await tryPut(host(2), 'hello', 'spoilt')).toBe('acknowledged');
      expect(await tryPut(host(2), 'late', 'gone')).toBe('acknowledged');
      expect(last(await follow('Restore', 1))).toMatchObject({ revision: revision + 2 + bump });
      for (const number of [1, 2, 3]) {
        expect(await read(host(number), 'hello', 'consistent')).toBe('world');
        expect(await read(host(number), 'late', 'consistent')).toBeUndefined();
      }
    },
    minutes,
  );

  it(
    'Restore: into a new cluster, which goes on by itself',
    async () => {
      await follow('Restore');
      await Promise.all([11, 12, 13].map((number) => host(number).ready()));
      expect(await voters(host(12))).toEqual(['node11', 'node12', 'node13']);
      expect(await read(host(13), 'hello', 'consistent')).toBe('world');
      expect(await tryPut(host(13), 'goes', 'on')).toBe('acknowledged');
      expect((await view(host(11))).clusterId).not.toBe((await view(host(1))).clusterId);
      await Promise.all([11, 12, 13].map((number) => host(number).stop('SIGKILL')));
    },
    minutes * 2,
  );

  it(
    'Replace a node: a damaged one by itself, and one that an operator made room for',
    async () => {
      await host(2).stop('SIGKILL');
      await writeFile(join(host(2).home, '.raftdb', 'log.db'), 'nothing of a database');
      host(2).startAs(
        '-id node02 -haddr host-02:8091 -raddr host-02:8089'.split(' ').concat(`${host(2).home}/.raftdb`),
      );
      expect(await host(2).exited()).toBe(5);
      await host(2).stop('SIGKILL');
      await follow('Replace a node', 1);
      expect(await voters(host(1))).toEqual(three);
      await follow('Replace a node');
      expect(await voters(host(2))).toEqual(three);
      expect(await read(host(2), 'hello', 'consistent')).toBe('world');
      expect(await read(host(3), 'hello', 'stale')).toBe('world');
    },
    minutes * 2,
  );

  it(
    'Lose the quorum: the survivor goes on, and the others join it',
    async () => {
      const before = await view(host(1));
      await host(2).stop('SIGKILL');
      await lose(host(3));
      const isLost = async (): Promise<boolean> =>
        ((await host(1).json('/cluster/recovery')).body as { isQuorumLost: boolean }).isQuorumLost;
      await host(1).until(isLost, 30_000, 'aware of the loss');
      expect(await tryPut(host(1), 'refused', 'x')).toBe('refused');
      expect(last(await follow('Lose the quorum', 1))).toMatchObject({ choose: 'node01' });
      expect((await follow('Lose the quorum', 1)).join('')).toMatch(
        /node01 is the only voter of cluster [0-9a-f]{32}\.2-/,
      );
      await follow('Lose the quorum', 1);
      expect(await tryPut(host(1), 'alone', 'served')).toBe('acknowledged');
      expect(last(await follow('Lose the quorum'))).toMatchObject({ leaderId: 'node01' });
      expect(await voters(host(3))).toEqual(three);
      expect((await view(host(3))).clusterId).toContain(`${before.clusterId}.`);
      for (const key of ['hello', 'scaled', 'alone']) {
        expect(await read(host(3), key, 'consistent')).toBeDefined();
      }
    },
    minutes * 2,
  );

  it('leaves none of its blocks out', () => {
    expect(ahead).toEqual([]);
  });

  it(
    'and no node has stopped by itself',
    async () => {
      for (const number of [1, 2, 3]) {
        expect((await readFile(host(number).logFile, 'utf8')).includes('    at ')).toBe(false);
        await host(number).ready(5000);
      }
    },
    minutes,
  );
});
