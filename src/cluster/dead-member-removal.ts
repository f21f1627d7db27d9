import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { DeadMembers } from './dead-members.js';

/** Has the leader remove members that it has not heard for as long as a setting says; off by default. */
@Injectable()
export class DeadMemberRemoval implements BeforeApplicationShutdown {
  private readonly members: DeadMembers;
  private timer: NodeJS.Timeout | null = null;
  /** The last one of which it was said: its instance and the term. */
  private told = '';

  constructor(
    private readonly raft: RaftService,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {
    const { removeDeadAfterMs: afterMs, removeDeadVotersMin: votersMin, electionTimeoutMs: silentMs } = options;
    this.members = new DeadMembers({ afterMs, silentMs, votersMin });
  }

  start(): void {
    const { removeDeadAfterMs, electionTimeoutMs } = this.options;
    if (removeDeadAfterMs > 0) {
      this.timer = setInterval(() => {
        void this.look();
      }, electionTimeoutMs);
      this.timer.unref();
    }
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer ?? undefined);
  }

  /** What is refused, over a quorum at risk or another change, is tried again at the next look. */
  private async look(): Promise<void> {
    const { nodeId, leaderId } = this.raft.status();
    const progress = leaderId === nodeId ? await this.raft.memberProgress() : null;
    const status = this.raft.status();
    const dead = this.members.next({ nowMs: performance.now(), status, progress });
    if (dead === null) {
      return;
    }
    const { id, instanceId } = dead;
    const { term } = status;
    if (this.told !== `${instanceId} ${term}`) {
      this.told = `${instanceId} ${term}`;
      this.raft.noteEvent(`${id} was not heard for ${this.options.removeDeadAfterMs} ms: the leader removes it`);
    }
    this.raft.removeSilent({ id, instanceId, term });
  }
}
