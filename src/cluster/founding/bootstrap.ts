import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { StartingError } from '../../consensus/consensus.errors.js';
import { foundingClusterId, foundingPosition } from '../../consensus/founding.js';
import type { Founder } from '../../consensus/founding.js';
import { NodeLifecycle } from '../../consensus/node-lifecycle.js';
import { RaftService } from '../../consensus/raft.service.js';
import { assert } from '../../lib/assert.js';
import { ADMISSION_OPTIONS } from '../admission-options.js';
import type { AdmissionOptions } from '../admission-options.js';
import { parseAnswer, textOf } from '../ask-member.js';
import { WaitLog } from '../wait-log.js';
import { emptyNodes, nameOf, nextStep } from './founding-step.js';
import type { FoundingStep } from './founding-step.js';
import { peerReportSchema } from './peer-report.js';
import type { PeerReport } from './peer-report.js';
import { resolvePeers } from './resolve-peers.js';

/** Longest wait for one answer, and the pause between two looks, in milliseconds. */
const ANSWER_TIMEOUT_MS = 2000;
const PAUSE_MS = 250;

/** How an empty node comes to its cluster where several start at once. */
export type Bootstrapped = 'founded' | 'adopted' | 'join';

/**
 * Several empty nodes found one cluster: each asks all addresses again and again, tells what it sees, and acts by
 * `nextStep`.
 */
@Injectable()
export class Bootstrap implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly stopping = new AbortController();
  private sees: readonly string[] = [];
  /** Set before anything is stored: from then on this node counts as one of that cluster. */
  private founding: { readonly clusterId: string; readonly founders: readonly Founder[] } | null = null;

  constructor(
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
    private readonly lifecycle: NodeLifecycle,
    private readonly raft: RaftService,
  ) {}

  /**
   * Looks until this empty node has founded with the others, was adopted, or should join a cluster that there is. Says
   * what it waits for, once for each change of the reason.
   *
   * @throws FoundingRefusedError where a cluster that knows this node's id makes itself heard.
   */
  async run(): Promise<Bootstrapped> {
    const waits = new WaitLog(this.logger);
    for (;;) {
      const step = await this.look();
      switch (step.kind) {
        case 'join':
          return 'join';
        case 'adopt':
          await this.lifecycle.adopt(step.clusterId);
          return 'adopted';
        case 'found':
          await this.found(step.founders);
          return 'founded';
        case 'wait':
          waits.note('', `waiting to found a cluster: ${step.reason}`);
      }
      await sleep(PAUSE_MS * (0.5 + Math.random()), undefined, { signal: this.stopping.signal });
    }
  }

  /** What this node tells the others. @throws StartingError before its data are read. */
  report(): PeerReport {
    const { identity } = this.lifecycle;
    if (identity === null) {
      throw new StartingError('this node is reading back its data');
    }
    const { nodeId, instanceId } = identity;
    const { httpAddr, raftAddr, bootstrapExpect } = this.options;
    const { clusterId, configuration, configurationIndex } = this.raft.status();
    const known = configuration.members.map(founderOf);
    return {
      ...{ nodeId, instanceId, httpAddr, raftAddr, expect: bootstrapExpect },
      clusterId: clusterId ?? this.founding?.clusterId ?? null,
      members: known.length > 0 ? known : (this.founding?.founders.map(founderOf) ?? []),
      isFounding: known.length > 0 ? configurationIndex === foundingPosition.index : this.founding !== null,
      sees: [...this.sees],
    };
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async look(): Promise<FoundingStep> {
    const { identity } = this.lifecycle;
    assert(identity !== null, 'the node knows who it is');
    const addresses = await resolvePeers(this.options.join);
    if (addresses === null) {
      return { kind: 'wait', reason: 'a name of --join does not resolve' };
    }
    const answers = await Promise.all(addresses.map((address) => this.ask(address)));
    this.stopping.signal.throwIfAborted();
    const reports = answers.filter((answer) => answer !== null);
    this.sees = emptyNodes(reports).map(nameOf);
    const { nodeId: id, instanceId } = identity;
    const { bootstrapExpect: expect } = this.options;
    return nextStep({ own: { id, instanceId }, expect, addressCount: addresses.length, reports });
  }

  private async ask(address: string): Promise<PeerReport | null> {
    const options = { timeoutMs: ANSWER_TIMEOUT_MS, signal: this.stopping.signal };
    return parseAnswer(peerReportSchema, await textOf(address, '/cluster/founding', options));
  }

  private async found(founders: readonly Founder[]): Promise<void> {
    this.founding = { clusterId: foundingClusterId(founders), founders };
    await this.lifecycle.foundWith(founders);
  }
}

function founderOf({ id, instanceId, httpAddr, raftAddr }: Founder): Founder {
  return { id, instanceId, httpAddr, raftAddr };
}
