import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { NodeProcess, program } from '../support/node-process.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftdb-life-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function newNode(id: string): Promise<NodeProcess> {
  const [http = 0, raft = 0] = await freePorts(2);
  return new NodeProcess({ id, http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder });
}

async function lastLine(node: NodeProcess): Promise<string> {
  return (await readFile(node.logFile, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
}

it('a signal that comes while the program is loading ends it with 0, and nothing was begun', async () => {
  const [http = 0, raft = 0] = await freePorts(2);
  const addresses = { id: 'early', http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder };
  const preload = new URL('../support/signal-at-first-listener.mjs', import.meta.url);
  const node = new NodeProcess(addresses, [], [], { NODE_OPTIONS: `--import ${preload.href}` });
  node.start();
  expect(await node.exited()).toBe(0);
  expect(await readFile(node.logFile, 'utf8')).toBe('');
  expect(existsSync(node.dataDir)).toBe(false);
}, 30_000);

// Every module is a part of the time that a start takes: see docs/performance.md.
it('a node on files runs without TypeORM in its main thread', async () => {
  const [http = 0, raft = 0] = await freePorts(2);
  const addresses = { id: 'lean', http: `127.0.0.1:${http}`, raft: `127.0.0.1:${raft}`, folder };
  const reports = join(folder, 'lean.reports');
  const node = new NodeProcess(addresses, [], [], { NODE_V8_COVERAGE: reports });
  node.start();
  await node.ready();
  expect(await node.stop('SIGTERM')).toBe(0);
  const files = (await filesByThread(reports)).find((thread) => thread.includes(program)) ?? [];
  const modules = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
  // A bundle names in a comment where each of its parts is from.
  expect(modules).toContain('node_modules/fastify/');
  expect(modules).not.toContain('node_modules/typeorm/');
}, 60_000);

/** The files that each thread of a process has loaded, from the reports that V8 wrote into a folder. */
async function filesByThread(folder: string): Promise<string[][]> {
  const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return reports.map((report) => {
    const { result } = JSON.parse(report) as { readonly result: readonly { readonly url: string }[] };
    return result.filter(({ url }) => url.startsWith('file:')).map(({ url }) => fileURLToPath(url));
  });
}

describe('a node that cannot start', () => {
  it('ends with 3 where its data directory is a file', async () => {
    const node = await newNode('on-a-file');
    await writeFile(node.dataDir, 'not a folder');
    node.start();
    expect(await node.exited()).toBe(3);
  }, 60_000);

  it('ends with 3 where another process has its data, and leaves that one alone', async () => {
    const first = await newNode('twice');
    first.start();
    await first.ready();
    const second = await newNode('twice');
    second.start();
    expect(await second.exited()).toBe(3);
    expect((await first.json('/key/a', { method: 'PUT', body: '1' })).status).toBe(200);
    expect(await first.stop('SIGTERM')).toBe(0);
  }, 60_000);

  it.each(['http', 'raft'] as const)(
    'ends with 4 where its %s port is taken',
    async (which) => {
      const node = await newNode(`taken-${which}`);
      const port = Number(node.addresses[which].split(':')[1]);
      const holder = createServer();
      await new Promise<void>((resolve) => {
        holder.listen(port, '127.0.0.1', resolve);
      });
      node.start();
      expect(await node.exited()).toBe(4);
      await new Promise((resolve) => holder.close(resolve));
      const log = await readFile(node.logFile, 'utf8');
      expect(log).toContain(`on 127.0.0.1:${port}: the port is in use; -${which === 'http' ? 'haddr' : 'raddr'} and`);
      expect(log).not.toContain('    at ');
    },
    60_000,
  );

  it('ends with 4 where its own name does not resolve', async () => {
    const { addresses } = await newNode('nameless');
    const node = new NodeProcess({ ...addresses, http: 'host.invalid:8091' });
    node.start();
    expect(await node.exited()).toBe(4);
    expect(await readFile(node.logFile, 'utf8')).toContain(
      'cannot listen for HTTP on host.invalid:8091: the name does',
    );
  }, 60_000);
});

describe('a node on its own', () => {
  it('founds a cluster, keeps its data over SIGTERM, and ends with 0', async () => {
    const node = await newNode('alone');
    node.start();
    await node.ready();
    expect((await node.json('/key', { method: 'POST', body: '{"kept": [1, 2.50]}' })).status).toBe(200);
    expect(await node.stop('SIGTERM')).toBe(0);
    node.start();
    await node.ready();
    expect(await (await fetch(`${node.url}/key/kept`)).text()).toBe('{"kept":[1, 2.50]}');
    expect(await node.stop('SIGINT')).toBe(0);
  }, 60_000);
});

describe('a node that is told to stop', () => {
  it('ends in its time, although a client holds a connection without a word', async () => {
    const node = new NodeProcess((await newNode('mute-client')).addresses, ['-shutdown-timeout-ms', '500']);
    node.start();
    await node.ready();
    const [host = '', port = ''] = node.addresses.http.split(':');
    const mute = connect(Number(port), host);
    await once(mute, 'connect');
    const cut = once(mute, 'close');
    expect(await node.stop('SIGTERM')).toBe(0);
    await cut;
    // What the process wrote last reaches the file a moment after its end.
    while (!(await lastLine(node)).includes('stopped')) {
      await sleep(20);
    }
  }, 60_000);

  it('ends with 0 while it waits to join', async () => {
    const node = await newNode('joiner');
    const [nobody = 0] = await freePorts(1);
    node.start('-join', `127.0.0.1:${nobody}`);
    await node.says('waiting to join');
    expect(await node.stop('SIGINT')).toBe(0);
  }, 60_000);
});
