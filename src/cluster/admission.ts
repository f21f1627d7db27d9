import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { NodeLifecycle } from '../consensus/node-lifecycle.js';
import { assert } from '../lib/assert.js';
import { AddressUpdate } from './address-update.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { DeadMemberRemoval } from './dead-member-removal.js';
import { Bootstrap } from './founding/bootstrap.js';
import { joinCluster } from './joiner.js';
import { MembersFile } from './members-file.js';
import { MembershipWatch } from './membership-watch.js';
import { SurplusRemoval } from './surplus-removal.js';
import { WaitLog } from './wait-log.js';

/** How a node comes to its cluster: by its data, by joining through `-join`, or by founding one. */
@Injectable()
export class Admission implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly stopping = new AbortController();

  constructor(
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
    private readonly lifecycle: NodeLifecycle,
    private readonly bootstrap: Bootstrap,
    private readonly watch: MembershipWatch,
    private readonly addresses: AddressUpdate,
    private readonly deadMembers: DeadMemberRemoval,
    private readonly membersFile: MembersFile,
    private readonly surplus: SurplusRemoval,
  ) {}

  /**
   * Starts the node on its data and, where they are empty, joins or founds. Resolves once it takes part.
   *
   * @throws What `NodeLifecycle.start` and `foundWith` throw; JoinRefusedError when the members refuse for good.
   */
  async enter(): Promise<void> {
    await this.membersFile.start();
    if ((await this.lifecycle.start()) === 'running') {
      this.noteIgnoredJoin();
      void this.addresses.start();
    } else if (this.options.join.length === 0) {
      await this.lifecycle.found();
    } else if (this.options.bootstrapExpect === 0 || (await this.bootstrap.run()) === 'join') {
      await this.join();
    }
    this.watch.start();
    this.deadMembers.start();
    this.surplus.start();
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async join(): Promise<void> {
    const { identity } = this.lifecycle;
    assert(identity !== null, 'the node knows who it is');
    const { nodeId: id, instanceId } = identity;
    const { httpAddr, raftAddr, join: targets, learner, replace } = this.options;
    const { clusterId } = await joinCluster({
      targets,
      // Who is let in, the file of the leader decides.
      viaLeader: this.membersFile.isGiven,
      self: {
        ...{ id, instanceId, httpAddr, raftAddr },
        ...(learner ? { learner } : {}),
        ...(replace ? { replace } : {}),
      },
      signal: this.stopping.signal,
      waits: new WaitLog(this.logger),
    });
    await this.lifecycle.adopt(clusterId);
  }

  private noteIgnoredJoin(): void {
    if (this.options.join.length > 0) {
      this.logger.log('this node has its data and its cluster: -join is ignored');
    }
  }
}
