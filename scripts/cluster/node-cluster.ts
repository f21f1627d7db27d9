import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { NodeProcess } from './node-process.js';
import type { NodeEnd, NodePlan } from './node-process.js';

const POLL_INTERVAL_MS = 100;
const PROBE_TIMEOUT_MS = 2000;

/** A node ended although nobody asked it to. */
export class NodeEndedError extends Error {
  constructor(
    readonly node: NodeProcess,
    readonly end: NodeEnd,
  ) {
    super(`${node.plan.id} ended (${end})`);
    this.name = 'NodeEndedError';
  }
}

/** Several nodes on this machine, each a process of its own. */
export class NodeCluster {
  private processes: NodeProcess[];

  constructor(plans: readonly NodePlan[]) {
    for (const plan of plans) {
      mkdirSync(plan.dataDir, { recursive: true });
    }
    this.processes = plans.map((plan) => NodeProcess.start(plan));
  }

  /** The latest process of each node. */
  get nodes(): readonly NodeProcess[] {
    return this.processes;
  }

  /**
   * Starts a node that has ended, and resolves when it is ready. @throws as {@link ready} does.
   *
   * @param changes - What is other than at its last start.
   */
  async restart(id: string, timeoutMs: number, changes: Partial<NodePlan> = {}): Promise<void> {
    this.processes = this.processes.map((node) =>
      node.plan.id === id ? NodeProcess.start({ ...node.plan, ...changes }) : node,
    );
    await this.ready(timeoutMs);
  }

  /**
   * Resolves when every node answers 200 on /readyz.
   *
   * @throws NodeEndedError when one of them ended.
   * @throws Error when they are not ready in time.
   */
  async ready(timeoutMs: number): Promise<void> {
    const given = new AbortController();
    const ended = this.nodes.map(async (node) => {
      throw new NodeEndedError(node, await node.ended);
    });
    try {
      await Promise.race([...ended, Promise.all(this.nodes.map((node) => isReady(node, timeoutMs, given.signal)))]);
    } finally {
      given.abort();
    }
  }

  /** Ends every node in order and resolves when the last one has ended. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop(graceMs)));
  }

  /** The id of the leader as the first node that answers sees it; null where none is known. */
  async leaderId(): Promise<string | null> {
    for (const node of this.nodes) {
      const view = await viewOf(node);
      if (view !== null) {
        return view.leaderId;
      }
    }
    return null;
  }

  /** Waits until all nodes have applied the same entries, and gives the checksums of their states. */
  async settledChecksums(timeoutMs: number): Promise<string[]> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const views = await Promise.all(this.nodes.map(viewOf));
      if (new Set(views.map((view) => view?.appliedIndex)).size === 1) {
        return views.map((view) => view?.checksum ?? '');
      }
      if (performance.now() > until) {
        throw new Error(`the nodes have not applied the same entries after ${timeoutMs / 1000} s`);
      }
      await pause(POLL_INTERVAL_MS);
    }
  }
}

/** The parts of `GET /cluster` that are looked at. */
export interface ClusterView {
  readonly clusterId: string | null;
  readonly members: readonly { readonly voter: boolean }[];
  readonly leaderId: string | null;
  readonly term: number;
  readonly appliedIndex: number;
  readonly checksum: string;
}

/** Null where the node does not answer. */
export async function viewOf({ plan }: { readonly plan: NodePlan }): Promise<ClusterView | null> {
  const answer = await get(`http://${plan.httpAddr}/cluster`);
  // A node that is killed in the middle of its answer gave none.
  return answer?.status === 200
    ? answer.json().then(
        (view) => view as ClusterView,
        () => null,
      )
    : null;
}

async function isReady(node: NodeProcess, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!signal.aborted) {
    const answer = await get(`http://${node.plan.httpAddr}/readyz`);
    await answer?.body?.cancel();
    if (answer?.status === 200) {
      return;
    }
    if (performance.now() > until) {
      throw new Error(`${node.plan.id} is not ready after ${timeoutMs / 1000} s; its log is ${node.plan.logFile}`);
    }
    await pause(POLL_INTERVAL_MS);
  }
}

/** Null where nobody answers. */
async function get(url: string): Promise<Response | null> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  } catch {
    return null;
  }
}
