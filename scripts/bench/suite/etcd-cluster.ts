import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../../cluster/ports.js';
import { scratchFolder } from '../scratch-folder.js';
import { etcdDialect } from './requests.js';
import type { System } from './system.js';

const NODE_COUNT = 3;
const READY_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 100;

interface Member {
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
}

/** The version of etcd on the PATH, null where there is none. */
export function etcdVersion(): string | null {
  const { error, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  return error === undefined ? (/etcd Version: (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
}

/**
 * Three members of etcd with empty data and timeouts as raftdb has them, asked through their JSON gateway.
 *
 * @throws Error when they do not come up.
 */
export async function startEtcd(version: string): Promise<System> {
  const folder = scratchFolder('etcd-');
  const members = membersOn(await freePorts(2 * NODE_COUNT));
  const children = members.map((member) => startMember(member, members, folder));
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(endOf));
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', () => {
    children.forEach((child) => child.kill('SIGKILL'));
  });
  try {
    await leaderAmong(members);
    return {
      name: `etcd ${version} (JSON)`,
      dialect: etcdDialect,
      nodeCount: members.length,
      async urls() {
        const leader = await leaderAmong(members);
        return [leader, ...members.filter((member) => member !== leader)].map(({ clientUrl }) => clientUrl);
      },
      pids: children.map(({ pid }) => pid).filter((pid) => pid !== undefined),
      stop,
    };
  } catch (error) {
    const log = readFileSync(logOf(folder, 'etcd1'), 'utf8').split('\n').slice(-10).join('\n');
    await stop();
    throw new Error(`etcd did not come up:\n${log}`, { cause: error });
  }
}

function membersOn(ports: readonly number[]): Member[] {
  return Array.from({ length: NODE_COUNT }, (_, place) => ({
    name: `etcd${place + 1}`,
    clientUrl: `http://127.0.0.1:${String(ports[place])}`,
    peerUrl: `http://127.0.0.1:${String(ports[place + NODE_COUNT])}`,
  }));
}

function startMember(member: Member, members: readonly Member[], folder: string): ChildProcess {
  const { name, clientUrl, peerUrl } = member;
  const flags = {
    name,
    'data-dir': join(folder, name),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': members.map((each) => `${each.name}=${each.peerUrl}`).join(','),
    'initial-cluster-state': 'new',
    'heartbeat-interval': '100',
    'election-timeout': '1000',
    'quota-backend-bytes': String(8 * 2 ** 30),
    'log-level': 'error',
    logger: 'zap',
  };
  const log = openSync(logOf(folder, name), 'a');
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const child = spawn('etcd', args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return child;
}

function logOf(folder: string, name: string): string {
  return join(folder, `${name}.log`);
}

/** Waits until all members answer and one of them leads. */
async function leaderAmong(members: readonly Member[]): Promise<Member> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const seen = await Promise.all(members.map(statusOf));
    const leader = members.find((_, place) => seen[place]?.isLeader === true);
    if (leader !== undefined && !seen.includes(null)) {
      return leader;
    }
    await pause(POLL_INTERVAL_MS);
  }
  throw new Error(`no leader after ${READY_TIMEOUT_MS / 1000} s`);
}

async function statusOf({ clientUrl }: Member): Promise<{ isLeader: boolean } | null> {
  try {
    const answer = await fetch(`${clientUrl}/v3/maintenance/status`, { method: 'POST', body: '{}' });
    const { header, leader } = (await answer.json()) as { header: { member_id: string }; leader?: string };
    return { isLeader: header.member_id === leader };
  } catch {
    return null;
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
