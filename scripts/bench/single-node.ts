import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { projectFolder } from '../cluster/build.js';
import { NodeProcess } from '../cluster/node-process.js';
import type { NodePlan } from '../cluster/node-process.js';
import { freePorts } from '../cluster/ports.js';
import { PostgresServer } from '../cluster/postgres-server.js';
import type { Recording } from './recording.js';
import { scratchFolder } from './scratch-folder.js';

const READY_TIMEOUT_MS = 120_000;
const POLL_INTERVAL_MS = 50;
const STOP_GRACE_MS = 30_000;

/** The parts of `GET /status` that the trial looks at. */
export interface NodeStatus {
  readonly raft: { readonly appliedIndex: number; readonly commitIndex: number };
  readonly log: { readonly firstIndex: number; readonly lastIndex: number; readonly snapshotIndex: number };
}

/** One node with data of its own that is watched from within its process, see node-probe.mjs. */
export class SingleNode {
  private process: NodeProcess | null = null;
  private readonly probeFile: string;

  private constructor(
    private readonly plan: NodePlan,
    private readonly folder: string,
    private readonly server: PostgresServer | null,
  ) {
    this.probeFile = join(folder, 'probe.json');
  }

  /** Prepares folder, program, ports and, where it is asked for, a Postgres server; nothing of the node runs yet. */
  static async prepare(storage: 'sqlite' | 'postgres'): Promise<SingleNode> {
    const folder = scratchFolder();
    const program = probedProgram();
    const server = storage === 'postgres' ? await PostgresServer.start({ settings: [] }) : null;
    const [httpPort = 0, raftPort = 0] = await freePorts(2);
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const plan = {
      id: 'node01',
      httpAddr: `127.0.0.1:${httpPort}`,
      raftAddr: `127.0.0.1:${raftPort}`,
      joinAddr: null,
      dataDir,
      logFile: join(folder, 'node01.log'),
      flags: ['--log-level', 'warn'],
      program: join(program, 'main.js'),
      env: {
        ...(server === null ? {} : { RAFTDB_STORAGE: 'postgres', RAFTDB_POSTGRES_URL: server.url }),
        BENCH_PROBE_FILE: join(folder, 'probe.json'),
        NODE_OPTIONS: [
          process.env.NODE_OPTIONS ?? '',
          `--import=${pathToFileURL(join(program, 'node-probe.js')).href}`,
        ].join(' '),
      },
    };
    return new SingleNode(plan, folder, server);
  }

  /** Without a slash at its end. */
  get url(): string {
    return `http://${this.plan.httpAddr}`;
  }

  /** Where its files are; null where its data are in Postgres. */
  get dataDir(): string | null {
    return this.server === null ? this.plan.dataDir : null;
  }

  /** Starts the process, and says nothing of whether it comes up. */
  start(flags: readonly string[]): void {
    this.process = NodeProcess.start({ ...this.plan, flags: [...this.plan.flags, ...flags] });
  }

  /** Calls `probe` until it gives something else than null. @throws Error when the node ends or time is over. */
  async until<Result>(probe: () => Promise<Result | null>, intervalMs = POLL_INTERVAL_MS): Promise<Result> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (this.process?.isRunning === true && performance.now() < deadlineMs) {
      const result = await probe();
      if (result !== null) {
        return result;
      }
      await pause(intervalMs);
    }
    throw new Error(['the node does not do what it should', ...(this.process?.lastLogLines(10) ?? [])].join('\n  '));
  }

  /** Resolves when it takes writes. */
  async ready(): Promise<void> {
    await this.until(async () => ((await this.get('/readyz'))?.ok === true ? true : null));
  }

  async status(): Promise<NodeStatus> {
    const answer = await this.get('/status');
    if (answer?.ok !== true) {
      throw new Error('the node does not say its status');
    }
    return (await answer.json()) as NodeStatus;
  }

  /** Null where nobody answers. */
  async get(path: string): Promise<Response | null> {
    try {
      return await fetch(this.url + path, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    } catch {
      return null;
    }
  }

  /** Asks the process to end. @returns What was recorded in it. @throws Error when it does not end well. */
  async stop(): Promise<Recording> {
    const end = await this.process?.stop(STOP_GRACE_MS);
    if (end !== 'exit code 0') {
      throw new Error([`the node ended: ${String(end)}`, ...(this.process?.lastLogLines(10) ?? [])].join('\n  '));
    }
    return JSON.parse(readFileSync(this.probeFile, 'utf8')) as Recording;
  }

  /** Ends what still runs, and removes everything. */
  async remove(): Promise<void> {
    this.process?.kill();
    await this.process?.ended;
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The program as it is built, but for the probe beside it. @returns Its folder. */
function probedProgram(): string {
  const folder = join(projectFolder, 'build', 'probed');
  const words = ['scripts/bundle.mjs', '--to', folder, '--with', 'scripts/bench/node-probe.mjs'];
  execFileSync(process.execPath, words, { cwd: projectFolder });
  return folder;
}
