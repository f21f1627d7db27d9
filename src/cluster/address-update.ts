import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { joinCluster } from './joiner.js';
import { WaitLog } from './wait-log.js';

/** A member that starts under other addresses than the cluster knows tells it, by joining again. */
@Injectable()
export class AddressUpdate implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly stopping = new AbortController();

  constructor(
    private readonly raft: RaftService,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {}

  /** Begins it where there is something to tell; resolves when the members know, or refuse. Never rejects. */
  async start(): Promise<void> {
    const { nodeId, instanceId, clusterId, configuration } = this.raft.status();
    const { httpAddr, raftAddr } = this.options;
    const known = configuration.knows(nodeId, instanceId) ? configuration.member(nodeId) : undefined;
    if (known === undefined || (known.httpAddr === httpAddr && known.raftAddr === raftAddr)) {
      return;
    }
    this.logger.warn(
      `the cluster knows this node at ${known.httpAddr} and ${known.raftAddr}: it is told ${httpAddr} and ${raftAddr}`,
    );
    const others = configuration.members.filter(({ id }) => id !== nodeId).map((member) => member.httpAddr);
    try {
      await joinCluster({
        targets: [...new Set([...others, ...this.options.join, httpAddr])],
        self: { id: nodeId, instanceId, httpAddr, raftAddr, ...(clusterId === null ? {} : { clusterId }) },
        signal: this.stopping.signal,
        waits: new WaitLog(this.logger),
      });
      this.logger.log('the cluster knows the addresses of this node');
    } catch (error) {
      if (!this.stopping.signal.aborted) {
        this.logger.error(`the addresses stay: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }
}
