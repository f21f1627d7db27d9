import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { freePorts } from '../../scripts/cluster/ports.js';
import { Failpoints } from '../support/failpoints.js';
import { NodeProcess } from '../support/node-process.js';

/** Processes start slowly on a busy machine. */
jest.setTimeout(60_000);

let folder: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftdb-damage-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function newNode(env: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
  count += 1;
  const [http = 0, raft = 0] = await freePorts(2);
  const addresses = { id: `node${count}`, http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder };
  return new NodeProcess(addresses, [], [], env);
}

/** A node that runs and holds a few keys. */
async function running(env: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
  const node = await newNode(env);
  node.start();
  await node.ready();
  for (let key = 0; key < 5; key += 1) {
    expect((await node.json(`/key/k${key}`, { method: 'PUT', body: '1' })).status).toBe(200);
  }
  return node;
}

/** The last line of the node's log that is fatal; what a process wrote last reaches the file a moment after its end. */
async function lastWords(node: NodeProcess): Promise<string> {
  for (;;) {
    const line = readFileSync(node.logFile, 'utf8')
      .split('\n')
      .findLast((each) => each.includes('"level":"fatal"'));
    if (line !== undefined) {
      return line;
    }
    await sleep(20);
  }
}

function filesOf(node: NodeProcess): string[] {
  return ['log.db', 'snapshot.db'].map((file) => readFileSync(join(node.dataDir, file), 'base64'));
}

describe('a node whose data were changed while it stood still', () => {
  let node: NodeProcess;

  beforeEach(async () => {
    node = await running();
    expect(await node.stop('SIGTERM')).toBe(0);
  });

  async function change(file: string, statement: string): Promise<void> {
    const dataSource = new DataSource({ type: 'better-sqlite3', database: join(node.dataDir, file) });
    await dataSource.initialize();
    await dataSource.query(statement);
    await dataSource.destroy();
  }

  /** The node ends with 5, in these words, and leaves every byte alone. */
  async function isRefused(words: RegExp, as = node): Promise<void> {
    const before = filesOf(node);
    as.start();
    expect(await as.exited()).toBe(5);
    expect(await lastWords(as)).toMatch(words);
    expect(filesOf(node)).toEqual(before);
  }

  const advice =
    'replace this node: stop it, set its data directory or schema aside and start it once with -join and -replace';

  it('ends with 5 where an entry is damaged, and says what to do', async () => {
    await change('log.db', 'UPDATE log_batch SET checksum = checksum + 1');

    await isRefused(new RegExp(`the stored data are damaged: the entries from 1 to .*; ${advice}`));
  });

  it('ends with 5 where a newer version wrote, and says what to do', async () => {
    await change('log.db', 'UPDATE log_batch SET format_version = 2');

    await isRefused(new RegExp(`\\(format 2\\) was written by a newer version of raftdb; start that .* or ${advice}`));
  });

  it('ends with 5 where the data are of another node, and says what to do', async () => {
    const [http = 0, raft = 0] = await freePorts(2);
    const addresses = { id: 'stranger', http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder };
    const stranger = new (class extends NodeProcess {
      override get dataDir(): string {
        return node.dataDir;
      }
    })(addresses);

    await isRefused(/the data belong to node node\d+, not to stranger; start that node, or name another/, stranger);
  });
});

describe('a node whose storage fails while it runs', () => {
  // The disk is asked once: a second sync could report what the first one lost as stored.
  it.each([
    [
      '7 where a sync fails',
      'SQLITE_IOERR_FSYNC',
      7,
      /the storage failed; look at the disk, then start the node again/,
    ],
    [
      '3 where it may not write any more',
      'SQLITE_READONLY',
      3,
      /the data directory cannot be used; make it a directory/,
    ],
    ['5 where a page is damaged', 'SQLITE_CORRUPT', 5, /the stored data are damaged: .*; replace this node: stop it/],
  ])('ends with %s, acknowledges nothing, and goes on from what is stored', async (_what, code, exitCode, words) => {
    const failpoints = new Failpoints(join(folder, code));
    const node = await running(failpoints.environment);
    await failpoints.arm({ place: 'log.commit', when: 'before', skip: 0, action: { kind: 'error', code } });
    const write = node.json('/key/lost', { method: 'PUT', body: '1' }).then(
      ({ status }) => status,
      () => null,
    );

    expect(await node.exited()).toBe(exitCode);
    expect(await write).not.toBe(200);
    expect(await lastWords(node)).toMatch(words);

    await failpoints.disarm();
    node.start();
    await node.ready();
    expect((await node.json('/key/k4')).status).toBe(200);
    expect((await node.json('/key/lost')).status).toBe(404);
    expect(await node.stop('SIGTERM')).toBe(0);
  });
});
