import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { at } from '../../src/lib/assert.js';

/** The program as it is built. */
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Far above every timeout that the tests ask for, in milliseconds. */
const answerWithinMs = 30_000;

export interface NodeAddresses {
  readonly id: string;
  /** `host:port` of HTTP. */
  readonly http: string;
  /** `host:port` of the peer port. */
  readonly raft: string;
  /** Parent folder of its data and its log file. */
  readonly folder: string;
}

/** One real raftd process under test: built from src/, with real ports, real files and real signals. */
export class NodeProcess {
  private child: ChildProcess | null = null;
  /** What the last start has printed so far; the log file holds all starts. */
  private printed: Buffer[] = [];

  /**
   * @param extraArgs - Flags beside the addresses.
   * @param launcher - Words before the program that runs the node; empty: it is started as such.
   * @param env - Variables beside those of whoever runs the tests.
   */
  constructor(
    readonly addresses: NodeAddresses,
    private readonly extraArgs: readonly string[] = [],
    private readonly launcher: readonly string[] = [],
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  get id(): string {
    return this.addresses.id;
  }

  get url(): string {
    return `http://${this.addresses.http}`;
  }

  get dataDir(): string {
    return join(this.addresses.folder, this.id);
  }

  get logFile(): string {
    return join(this.addresses.folder, `${this.id}.log`);
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  start(...args: readonly string[]): void {
    const { id, http, raft } = this.addresses;
    this.startAs(['-id', id, '-haddr', http, '-raddr', raft, ...this.extraArgs, ...args, this.dataDir]);
  }

  /** Starts it with these words behind the name of the program alone; they must say the same addresses. */
  startAs(args: readonly string[]): void {
    const all = [...this.launcher, process.execPath, program, ...args];
    const child = spawn(at(all, 0), all.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environmentWithoutSettings(), ...this.env },
    });
    const log = createWriteStream(this.logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => printed.push(chunk));
    }
    this.printed = printed;
    this.child = child;
  }

  /** Sends a signal and waits for the end. @returns Exit code, null where the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === null) {
      return null;
    }
    this.child = null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  }

  /** Waits until the process ended by itself. */
  async exited(): Promise<number | null> {
    const { child } = this;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit');
    }
    return child?.exitCode ?? null;
  }

  /** Waits until the node says it is ready. @throws when it does not within `timeoutMs`, or ended. */
  async ready(timeoutMs = 60_000): Promise<void> {
    await this.until(async () => (await this.json('/readyz')).status === 200, timeoutMs, 'ready');
  }

  /** Waits until the process has printed `text` since its last start; what an earlier one printed does not count. */
  async says(text: string): Promise<void> {
    await this.until(() => Promise.resolve(Buffer.concat(this.printed).includes(text)), 30_000, `saying "${text}"`);
  }

  /** Asks again every few milliseconds until `condition` holds; a refused connection counts as not yet. */
  async until(condition: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await condition().catch(() => false))) {
      if (performance.now() > deadline || this.child?.exitCode !== null) {
        throw new Error(`${this.id} is not ${what}; see ${this.logFile}`);
      }
      await sleep(20);
    }
  }

  /** One request. @throws when there is no answer within a generous time: a node always answers. */
  async json(path: string, init?: RequestInit): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(answerWithinMs), ...init });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
  }
}

/** Runs the program to its end. @returns Its exit code and what it printed. */
export function raftd(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...environmentWithoutSettings(), ...env } };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** Settings of whoever runs the tests must not reach the nodes. */
export function environmentWithoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RAFTDB_')));
}
