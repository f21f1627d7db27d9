import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { NodeLifecycle } from '../consensus/node-lifecycle.js';
import { assert } from '../lib/assert.js';
import { joinCluster } from './joiner.js';

/** Where this node is reached, and through whom it joins. */
export interface AdmissionOptions {
  readonly httpAddr: string;
  readonly raftAddr: string;
  /** HTTP addresses of members; empty: an empty node founds a cluster. */
  readonly join: readonly string[];
}

/** Injection token of {@link AdmissionOptions}. */
export const ADMISSION_OPTIONS = Symbol('ADMISSION_OPTIONS');

/** How a node comes to its cluster: by its data, by joining through `-join`, or by founding one. */
@Injectable()
export class Admission implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly stopping = new AbortController();

  constructor(
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
    private readonly lifecycle: NodeLifecycle,
  ) {}

  /**
   * Starts the node on its data and, where they are empty, joins or founds. Resolves once it takes part.
   *
   * @throws What `NodeLifecycle.start` and `found` throw; JoinRefusedError when the members refuse for good.
   */
  async enter(): Promise<void> {
    if ((await this.lifecycle.start()) === 'running') {
      this.noteIgnoredJoin();
    } else if (this.options.join.length === 0) {
      await this.lifecycle.found();
    } else {
      await this.join();
    }
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async join(): Promise<void> {
    const { identity } = this.lifecycle;
    assert(identity !== null, 'the node knows who it is');
    const { nodeId: id, instanceId } = identity;
    const { httpAddr, raftAddr, join: targets } = this.options;
    const { clusterId } = await joinCluster({
      targets,
      self: { id, instanceId, httpAddr, raftAddr },
      signal: this.stopping.signal,
      log: (line) => {
        this.logger.warn(line);
      },
    });
    await this.lifecycle.adopt(clusterId);
  }

  private noteIgnoredJoin(): void {
    if (this.options.join.length > 0) {
      this.logger.log('this node has its data and its cluster: -join is ignored');
    }
  }
}
