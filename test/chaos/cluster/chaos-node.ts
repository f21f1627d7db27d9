import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { assert } from '../../../src/lib/assert.js';
import { environmentWithoutSettings } from '../../support/node-process.js';
import { Failpoints } from '../../support/failpoints.js';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `isExpected`: it was ended here, or might end because a failpoint was armed. */
export type WatchEnd = (node: ChaosNode, end: ProcessEnd, isExpected: boolean) => void;

export interface ChaosNodePlan {
  readonly id: string;
  /** Path of the compiled program. */
  readonly program: string;
  /** Port of 127.0.0.1 that HTTP listens on. */
  readonly httpPort: number;
  /** Port of 127.0.0.1 that the peer port listens on. */
  readonly raftPort: number;
  /** Port at which its peers reach it: a proxy's. */
  readonly advertisedRaftPort: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** Path and first part of the name of the files that make its storage fail. */
  readonly failpointPrefix: string;
  /** Flags beside those of the addresses. */
  readonly flags: readonly string[];
  /** Variables that say where its data are; empty: in its folder. */
  readonly env: Readonly<Record<string, string>>;
}

/** One node of a fault run: a real process with real signals. Only the process that was started here is signalled. */
export class ChaosNode {
  readonly failpoints: Failpoints;
  /** Counts the starts: two moments with the same number belong to one process. */
  incarnation = 0;
  private child: ChildProcess | null = null;
  private isPausedNow = false;
  private isEndExpected = false;

  /** @param onEnd - Called when the process ends. */
  constructor(
    readonly plan: ChaosNodePlan,
    private readonly onEnd: WatchEnd,
  ) {
    this.failpoints = new Failpoints(plan.failpointPrefix);
  }

  get id(): string {
    return this.plan.id;
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  get isPaused(): boolean {
    return this.isPausedNow;
  }

  /** @param flags - Further flags of this start. */
  start(...flags: readonly string[]): void {
    assert(this.child === null, `${this.id} is down before it is started`);
    const { id, program, httpPort, raftPort, advertisedRaftPort, dataDir, logFile } = this.plan;
    const addresses = ['-haddr', `127.0.0.1:${httpPort}`, '-raddr', `127.0.0.1:${advertisedRaftPort}`];
    const bind = ['-raft-bind', `127.0.0.1:${raftPort}`];
    const log = openSync(logFile, 'a');
    const child = spawn(
      process.execPath,
      [program, '-id', id, ...addresses, ...bind, ...this.plan.flags, ...flags, dataDir],
      {
        stdio: ['ignore', log, log],
        env: { ...environmentWithoutSettings(), NODE_OPTIONS: '', ...this.failpoints.environment, ...this.plan.env },
      },
    );
    closeSync(log);
    this.incarnation += 1;
    this.isEndExpected = false;
    this.isPausedNow = false;
    this.child = child;
    child.once('exit', (code, signal) => {
      this.ended(child, { code, signal });
    });
  }

  /** Ends the process at once, as a crash does; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null) {
      return;
    }
    this.isEndExpected = true;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Whether this process may end by itself from now on: a failpoint is armed. A new start may not. */
  expectEnd(isExpected: boolean): void {
    this.isEndExpected = isExpected;
  }

  pause(): void {
    this.isPausedNow = this.child?.kill('SIGSTOP') ?? false;
  }

  resume(): void {
    this.child?.kill('SIGCONT');
    this.isPausedNow = false;
  }

  /** Ends the process in the turn of the call: for when the run itself is ended. */
  killNow(): void {
    this.isEndExpected = true;
    this.child?.kill('SIGKILL');
  }

  /** The last lines that it wrote. */
  lastLines(count: number): string[] {
    return readFileSync(this.plan.logFile, 'utf8').trimEnd().split('\n').slice(-count);
  }

  private ended(child: ChildProcess, end: ProcessEnd): void {
    if (this.child !== child) {
      return;
    }
    this.child = null;
    this.isPausedNow = false;
    this.onEnd(this, end, this.isEndExpected);
  }
}
