import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';
import { assembleImage, imagePlan } from './assembled-image.js';

const plan = imagePlan();
const mayChangeUser = process.getuid?.() === 0;
let root: string;
let node: ChildProcess | null = null;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'raftdb-image-'));
  await assembleImage(root);
  if (mayChangeUser) {
    chownSync(dataDir(), plan.user.uid, plan.user.gid);
  }
}, 120_000);

afterAll(() => {
  node?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function dataDir(): string {
  return join(root, plan.env.RAFTDB_DATA_DIR ?? '');
}

/** As the container would: the entrypoint of the image, its variables and no other, its user where that may be taken. */
function start(...args: readonly string[]): ChildProcess {
  const [, ...words] = plan.entrypoint;
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: join(root, plan.workingFolder),
    env: { ...plan.env, RAFTDB_DATA_DIR: dataDir(), HOME: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(mayChangeUser ? plan.user : {}),
  });
  node = child;
  return child;
}

/** Waits until the node is ready. @throws with what it said where it ends instead. */
async function ready(child: ChildProcess, url: string): Promise<void> {
  let said = '';
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the node ended: ${said}`);
    }
    const status = await fetch(`${url}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) {
      return;
    }
    await sleep(20);
  }
}

it('holds everything that a node needs, and nothing that only development does', async () => {
  for (const name of ['typescript', 'jest', '@nestjs/cli', 'playwright-core']) {
    expect(existsSync(join(root, plan.workingFolder, 'node_modules', name))).toBe(false);
  }
  const [http = 0, raft = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${http}`;
  const child = start('-id', 'node01', '-haddr', `127.0.0.1:${http}`, '-raddr', `127.0.0.1:${raft}`);
  await ready(child, url);

  const written = await fetch(`${url}/key`, { method: 'POST', body: '{"foo": "bar"}' });
  expect(await written.json()).toEqual({ revision: 1 });
  const read = await fetch(`${url}/key/foo?level=consistent`);
  expect(await read.json()).toEqual({ foo: 'bar' });
  expect((await fetch(`${url}/docs`)).status).toBe(200);

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 60_000);

it('answers --version with the version of the package', async () => {
  const child = start('--version');
  let output = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  await once(child, 'close');
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
});
