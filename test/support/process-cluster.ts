import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/cluster/ports.js';
import { NodeProcess } from './node-process.js';

/** The part of `GET /cluster` that tests look at. */
export interface ClusterView {
  readonly clusterId: string;
  readonly nodeId: string;
  readonly leaderId: string | null;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: number;
  readonly checksum: string;
  readonly members: readonly { readonly id: string; readonly voter: boolean }[];
  readonly comparedIndex: number;
  readonly alarms: readonly { readonly code: string; readonly index: number; readonly members: readonly string[] }[];
}

export interface ClusterOptions {
  readonly launcher?: (id: string) => readonly string[];
  readonly env?: (id: string, folder: string) => Readonly<Record<string, string>>;
  /** Called for each node's data directory before anything starts. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

/** Real nodes on the loopback interface that form one cluster. */
export class ProcessCluster {
  private constructor(
    readonly nodes: readonly NodeProcess[],
    private readonly folder: string,
  ) {}

  /**
   * Starts `count` nodes and waits until each is a voter that knows a leader.
   *
   * @param options - `launcher`: words before the program that runs a node; `env`: variables of a node.
   */
  static async start(
    count: number,
    extraArgs: readonly string[] = [],
    options: ClusterOptions = {},
  ): Promise<ProcessCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'raftdb-e2e-'));
    const ports = await freePorts(2 * count);
    const nodes = Array.from({ length: count }, (_, position) => {
      const http = `127.0.0.1:${ports[2 * position] ?? 0}`;
      const raft = `127.0.0.1:${ports[2 * position + 1] ?? 0}`;
      const id = `node0${position + 1}`;
      return new NodeProcess({ id, http, raft, folder }, extraArgs, options.launcher?.(id), options.env?.(id, folder));
    });
    for (const node of nodes) {
      await options.prepare?.(node.dataDir);
    }
    const cluster = new ProcessCluster(nodes, folder);
    const [first] = nodes;
    nodes.forEach((node) => {
      node.start(...(node === first ? [] : ['-join', first?.addresses.http ?? '']));
    });
    try {
      await Promise.all(nodes.map((node) => node.ready()));
    } catch (error) {
      await cluster.destroy();
      throw error;
    }
    return cluster;
  }

  node(id: string): NodeProcess {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) {
      throw new Error(`no node ${id}`);
    }
    return found;
  }

  async view(node: NodeProcess): Promise<ClusterView> {
    const { body } = await node.json('/cluster');
    return body as ClusterView;
  }

  /** The leader as `asked` knows it, and the others. */
  async roles(asked: NodeProcess): Promise<{ leader: NodeProcess; followers: NodeProcess[] }> {
    const seen: { leaderId: string | null } = { leaderId: null };
    await asked.until(
      async () => {
        seen.leaderId = (await this.view(asked)).leaderId;
        return seen.leaderId !== null;
      },
      30_000,
      'aware of a leader',
    );
    const leader = this.node(seen.leaderId ?? '');
    return { leader, followers: this.nodes.filter((node) => node !== leader) };
  }

  /** Waits until all nodes have applied the same entries, and gives their checksums. */
  async settledChecksums(timeoutMs = 30_000): Promise<string[]> {
    let checksums: string[] = [];
    const [first] = this.nodes;
    await first?.until(
      async () => {
        const views = await Promise.all(this.nodes.map((node) => this.view(node)));
        checksums = views.map((view) => view.checksum);
        return new Set(views.map((view) => view.appliedIndex)).size === 1;
      },
      timeoutMs,
      'level with the others',
    );
    return checksums;
  }

  /** Ends every node and removes its data. */
  async destroy(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop('SIGKILL')));
    await rm(this.folder, { recursive: true, force: true });
  }
}
