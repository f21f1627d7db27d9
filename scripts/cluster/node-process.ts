import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { settingTable } from '../../src/config/settings.js';
import { mainFile } from './build.js';

/** Bytes of a log that are read to show its last lines. */
const TAIL_BYTES_MAX = 65_536;

/** How one node is started. */
export interface NodePlan {
  readonly id: string;
  /** `host:port` of HTTP and of the peer port. */
  readonly httpAddr: string;
  readonly raftAddr: string;
  /** HTTP address of a member to join through, null for the node that founds the cluster. */
  readonly joinAddr: string | null;
  readonly dataDir: string;
  /** What the process writes is added to this file. */
  readonly logFile: string;
  /** Further flags. */
  readonly flags: readonly string[];
  /** The program of another build; that of this checkout where none is named. */
  readonly program?: string;
  /** Variables of its own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended, in words: `exit code 1`, `signal SIGKILL`. */
export type NodeEnd = string;

/** One node that runs as a process of its own. */
export class NodeProcess {
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<NodeEnd>;
  private readonly child: ChildProcess;
  private readonly logStart: number;
  private hasEnded = false;

  private constructor(readonly plan: NodePlan) {
    this.logStart = existsSync(plan.logFile) ? statSync(plan.logFile).size : 0;
    const log = openSync(plan.logFile, 'a');
    this.child = spawn(process.execPath, [plan.program ?? mainFile, ...argumentsOf(plan)], {
      stdio: ['ignore', log, log],
      env: { ...environment(), ...plan.env },
      // In a group of its own a node does not get the terminal's Ctrl-C: its end is ordered by stop(). Windows would
      // open a window for it.
      detached: process.platform !== 'win32',
    });
    closeSync(log);
    // Whatever ends this program, no node outlives it.
    const killWithParent = (): void => {
      this.kill();
    };
    process.once('exit', killWithParent);
    this.ended = new Promise((resolve) => {
      const settle = (end: NodeEnd): void => {
        this.hasEnded = true;
        process.removeListener('exit', killWithParent);
        resolve(end);
      };
      this.child.once('error', (error) => {
        settle(error.message);
      });
      this.child.once('exit', (code, signal) => {
        settle(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
      });
    });
  }

  /** Starts the process; whether it comes up is for {@link ended} and /readyz to say. */
  static start(plan: NodePlan): NodeProcess {
    return new NodeProcess(plan);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** Asks the process to end, makes it end after `graceMs`, and resolves when it has ended. */
  async stop(graceMs: number): Promise<NodeEnd> {
    if (this.isRunning) {
      this.child.kill('SIGTERM');
    }
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process at once, as a loss of power would. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** The last lines that this process wrote. */
  lastLogLines(count: number): string[] {
    const text = tailOf(this.plan.logFile, this.logStart).trimEnd();
    return text === '' ? [] : text.split('\n').slice(-count);
  }

  /** What to type to start the node by hand. */
  get commandLine(): string {
    return ['node', 'dist/main.js', ...argumentsOf(this.plan)]
      .map((word) => (/^[\w./:@=,-]+$/.test(word) ? word : JSON.stringify(word)))
      .join(' ');
  }
}

/** The end of a file from byte `start` on, at most {@link TAIL_BYTES_MAX} of it. */
function tailOf(file: string, start: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(start, size - TAIL_BYTES_MAX);
    const tail = Buffer.alloc(Math.max(0, size - from));
    const length = readSync(descriptor, tail, 0, tail.length, from);
    return tail.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

function argumentsOf(plan: NodePlan): string[] {
  const join = plan.joinAddr === null ? [] : ['-join', plan.joinAddr];
  return ['-id', plan.id, '-haddr', plan.httpAddr, '-raddr', plan.raftAddr, ...join, ...plan.flags, plan.dataDir];
}

/** The environment without what is different for each node; limits and timeouts may come from it. No colours in logs. */
function environment(): NodeJS.ProcessEnv {
  const own = new Set(
    settingTable.filter((setting) => setting.group === 'Node and addresses').map((setting) => setting.env),
  );
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.has(name))), NO_COLOR: '1' };
}
