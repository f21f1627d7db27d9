import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { DeadMembers } from './dead-members.js';

/** Has the leader remove members that it has not heard for as long as a setting says; off by default. */
@Injectable()
export class DeadMemberRemoval implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly members: DeadMembers;
  private timer: NodeJS.Timeout | null = null;
  private isRemoving = false;
  private told: string | null = null;

  constructor(
    private readonly raft: RaftService,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {
    const { removeDeadAfterMs: afterMs, removeDeadVotersMin: votersMin } = options;
    this.members = new DeadMembers({ afterMs, votersMin });
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

  private async look(): Promise<void> {
    const { nodeId, leaderId } = this.raft.status();
    const progress = leaderId === nodeId ? await this.raft.memberProgress() : null;
    const id = this.members.next({ nowMs: performance.now(), status: this.raft.status(), progress });
    if (id !== null && !this.isRemoving) {
      this.isRemoving = true;
      await this.remove(id);
      this.isRemoving = false;
    }
  }

  /** A refusal, over a quorum at risk or another change, is tried again at the next look. */
  private async remove(id: string): Promise<void> {
    const { removeDeadAfterMs, electionTimeoutMs } = this.options;
    try {
      await this.raft.changeMembership({ kind: 'remove', id }, { timeoutMs: 2 * electionTimeoutMs });
      this.raft.noteEvent(`${id} was removed because it was not heard for ${removeDeadAfterMs} ms`);
    } catch (error) {
      const line = `${id} is dead and stays: ${error instanceof Error ? error.message : String(error)}`;
      if (line !== this.told) {
        this.told = line;
        this.logger.warn(line);
      }
    }
  }
}
