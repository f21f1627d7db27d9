import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../../../src/lib/assert.js';
import type { Random } from '../../../src/lib/random.js';
import type { ChaosCluster } from '../cluster/chaos-cluster.js';
import type { ChaosNode } from '../cluster/chaos-node.js';
import { judge } from './answers.js';
import type { Judgement, RequestKind } from './answers.js';
import { NoAnswerError, jsonOf, send } from './http-request.js';
import type { HttpAnswer, HttpRequest } from './http-request.js';
import type { Recorder } from './recorder.js';

/** How long the node may take, as the request asks; and how long the client waits for it. In milliseconds. */
const serverTimeoutMs = 1500;
const clientTimeoutMs = 2500;

/** One request as the workload means it. */
export interface Question {
  readonly kind: RequestKind;
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What became of one attempt. */
export interface Reply extends Judgement {
  readonly node: ChaosNode;
  /** The start of the node that was asked; -1 where it was started anew meanwhile. */
  readonly incarnation: number;
  /** Null: none came. */
  readonly answer: HttpAnswer | null;
  /** The JSON of the answer. */
  readonly body: unknown;
}

export interface ClientParts {
  readonly cluster: ChaosCluster;
  readonly recorder: Recorder;
  readonly random: Random;
}

/**
 * One client with connections of its own. It stays with a node while that answers.
 *
 * The name changes after an unknown outcome without a key to repeat it by: whoever goes on under a name knows how its
 * last request ended.
 */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });
  /** Asks this node and no other; null: whichever answers. */
  pinnedTo: ChaosNode | null = null;
  private favourite = 0;
  private renamings = 0;
  private writes = 0;

  constructor(
    readonly linkName: string,
    readonly parts: ClientParts,
  ) {
    this.favourite = parts.random.between({ from: 0, until: parts.cluster.nodes.length });
  }

  get name(): string {
    return `${this.linkName}.${this.renamings}`;
  }

  rename(): void {
    this.renamings += 1;
  }

  /** A name for a write that no other write has. */
  nextWriteName(): string {
    this.writes += 1;
    return `${this.linkName}-${this.writes}`;
  }

  /** The node to ask now. */
  pickNode(): ChaosNode {
    const { random, cluster } = this.parts;
    if (this.pinnedTo !== null) {
      return this.pinnedTo;
    }
    if (random.chance(0.1)) {
      this.favourite = random.between({ from: 0, until: cluster.nodes.length });
    }
    return at(cluster.nodes, this.favourite % cluster.nodes.length);
  }

  /** Sends one request once; never throws. What about the answer is not as documented is noted as a finding. */
  async ask(question: Question): Promise<Reply> {
    const { cluster, recorder } = this.parts;
    const node = this.pickNode();
    const { incarnation } = node;
    const query = [`timeout=${serverTimeoutMs}ms`, ...(question.query === undefined ? [] : [question.query])].join('&');
    const { kind, path, ...rest } = question;
    const request = { ...rest, path: `${path}?${query}`, port: cluster.clientPort(this.linkName, node) };
    try {
      const answer = await send(this.agent, { ...request, timeoutMs: clientTimeoutMs });
      const judged = judge(kind, answer);
      if (judged.complaint !== null) {
        recorder.find({ check: 'documented answers', text: `${node.id}, ${rest.method} ${path}: ${judged.complaint}` });
      }
      if (judged.meaning === 'didNotHappen' || judged.meaning === 'unknown') {
        this.favourite += 1;
      }
      const from = node.incarnation === incarnation ? incarnation : -1;
      return { ...judged, node, incarnation: from, answer, body: jsonOf(answer) };
    } catch (error) {
      this.favourite += 1;
      const neverSent = error instanceof NoAnswerError && error.neverSent;
      const meaning = neverSent ? 'didNotHappen' : 'unknown';
      const label = error instanceof Error ? error.message : String(error);
      return { meaning, label, complaint: null, node, incarnation: -1, answer: null, body: undefined };
    }
  }

  /** Waits as long as a user would, so that the machine is not the limit. */
  async think(meanMs: number): Promise<void> {
    await sleep(this.parts.random.fraction() * 2 * meanMs);
  }

  close(): void {
    this.agent.destroy();
  }
}
