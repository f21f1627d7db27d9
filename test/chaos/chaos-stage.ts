import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '../../scripts/cluster/postgres-server.js';
import { Random } from '../../src/lib/random.js';
import { checkProgress, checkRun } from './checks/check-run.js';
import type { FinalState } from './checks/final-state.js';
import { copyBuild } from './cluster/build.js';
import type { Patch } from './cluster/build.js';
import { ChaosCluster } from './cluster/chaos-cluster.js';
import type { ChaosNode, ProcessEnd } from './cluster/chaos-node.js';
import { Network } from './network/network.js';
import { itemsOf } from './workload/reads.js';
import type { Item } from './workload/reads.js';
import { jsonOf, send } from './workload/http-request.js';
import type { Finding } from './workload/observation.js';
import { Recorder } from './workload/recorder.js';

export interface StagePlan {
  readonly seed: number;
  readonly nodeCount: number;
  readonly clients: readonly string[];
  readonly flags: readonly string[];
  readonly smallDisks: boolean;
  readonly storage: 'sqlite' | 'postgres';
  readonly patches: readonly Patch[];
  readonly print: (line: string) => void;
}

/** Keys that one page of the final list holds, and how long it may take in milliseconds. */
const pageKeys = 500;
const pageWithinMs = 60_000;

/** Findings that are shown: the first ones tell the story, the rest repeats it. */
const findingsShownMax = 10;

/**
 * Everything that a run is played on: a copy of the program, the network, the nodes, the record of what clients saw.
 *
 * A stage that was judged good leaves nothing behind; any other keeps its folder.
 */
export class ChaosStage {
  readonly random: Random;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly cluster: ChaosCluster;
  /** Tells how processes end, whoever ended them. */
  readonly ends = new EventEmitter<{ end: [ProcessEnd] }>();
  /** Aborts when something is found that must not be. */
  readonly found = new AbortController();
  private readonly startedMs = performance.now();

  private constructor(
    readonly plan: StagePlan,
    readonly folder: string,
    program: string,
    private readonly server: PostgresServer | null,
  ) {
    this.random = new Random(plan.seed);
    this.network = new Network(this.random.fork());
    this.recorder = new Recorder(join(folder, 'history.jsonl'), () => {
      this.found.abort();
    });
    this.cluster = new ChaosCluster({
      folder,
      program,
      nodeCount: plan.nodeCount,
      clients: plan.clients,
      flags: plan.flags,
      smallDisks: plan.smallDisks && server === null,
      server,
      network: this.network,
      random: this.random.fork(),
      onEnd: (node, end, isExpected) => {
        this.ends.emit('end', end);
        if (!isExpected) {
          this.noteEnd(node, end);
        }
      },
    });
  }

  /** Makes the folder and the copy of the program; no process is started. */
  static async build(plan: StagePlan): Promise<ChaosStage> {
    const folder = await mkdtemp(join(tmpdir(), 'raftdb-chaos-'));
    try {
      const program = await copyBuild(join(folder, 'build'), plan.patches);
      // A server of the run's own: it is stopped and started.
      const server = plan.storage === 'postgres' ? await PostgresServer.start({ settings: [] }) : null;
      return new ChaosStage(plan, folder, program, server);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Election timeout of the nodes, in milliseconds. */
  get electionTimeoutMs(): number {
    const flag = this.plan.flags.indexOf('-election-timeout-ms');
    return flag === -1 ? 1000 : Number(this.plan.flags[flag + 1]);
  }

  print(line: string): void {
    const seconds = ((performance.now() - this.startedMs) / 1000).toFixed(1);
    this.plan.print(`${seconds.padStart(7)} s  ${line}`);
  }

  /** Judges what was seen; and, where that is as it must be, heals everything and judges what every node holds then. */
  async verdict(): Promise<Finding[]> {
    const seen = checkProgress(this.recorder.soFar, this.electionTimeoutMs);
    return seen.length > 0 || this.found.signal.aborted ? seen : this.finalVerdict();
  }

  private async finalVerdict(): Promise<Finding[]> {
    await this.cluster.heal();
    const views = await this.cluster.settle();
    const states: FinalState[] = [];
    for (const node of this.cluster.nodes) {
      const checksum = views.find((view) => view.nodeId === node.id)?.checksum ?? '';
      states.push({ nodeId: node.id, checksum, items: await listAll(node) });
    }
    return checkRun(this.recorder.observations, states, this.electionTimeoutMs);
  }

  /** Ends all processes; keeps the folder where there are findings, and says where. */
  async clear(findings: readonly Finding[]): Promise<void> {
    await this.cluster.stop();
    await this.server?.stop();
    await this.network.close();
    await this.recorder.close();
    if (findings.length === 0) {
      await rm(this.folder, { recursive: true, force: true });
      return;
    }
    const lines = [...new Set(findings.map(({ check, text }) => `${check}: ${text}`))];
    await writeFile(join(this.folder, 'findings.txt'), `${lines.join('\n\n')}\n`);
    for (const line of lines.slice(0, findingsShownMax)) {
      this.print(`FOUND ${line}`);
    }
    this.print(`${lines.length} findings; history, logs and data are in ${this.folder}`);
  }

  private noteEnd(node: ChaosNode, { code, signal }: ProcessEnd): void {
    const lines = node.lastLines(3);
    const how = signal ?? `exit code ${code ?? ''}`;
    this.recorder.find({ check: 'processes', text: `${node.id} ended by itself (${how}): ${lines.join(' / ')}` });
  }
}

/** All keys of a node, as it holds them itself. */
async function listAll(node: ChaosNode): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | null = ''; after !== null;) {
    const from: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const path = `/key?level=stale&limit=${pageKeys}${from}`;
    const answer = await send(false, { port: node.plan.httpPort, method: 'GET', path, timeoutMs: pageWithinMs });
    const body = jsonOf(answer);
    items.push(...itemsOf(body));
    const next: unknown = typeof body === 'object' && body !== null && 'next' in body ? body.next : null;
    after = typeof next === 'string' ? next : null;
  }
  return items;
}
