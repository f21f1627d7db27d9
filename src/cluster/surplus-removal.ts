import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import { oneLine } from '../lib/one-line.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { MembersFile } from './members-file.js';
import { nextSurplusStep } from './surplus-members.js';
import type { SurplusStep } from './surplus-members.js';

/** Milliseconds between two looks of the leader. */
const LOOK_INTERVAL_MS = 1000;

/** Characters of the reason for a refusal that are shown. */
const SHOWN_TEXT_MAX = 200;

/** Has the leader remove the members for which the members file has no place, one at a time; docs/adr/0010 says why so. */
@Injectable()
export class SurplusRemoval implements BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private isActing = false;
  /** What was noted last, so that waiting fills no log. */
  private told = '';

  constructor(
    private readonly raft: RaftService,
    private readonly file: MembersFile,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {}

  start(): void {
    if (this.file.isGiven) {
      this.timer = setInterval(() => {
        void this.look();
      }, LOOK_INTERVAL_MS);
      this.timer.unref();
    }
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer ?? undefined);
  }

  /** What is refused, over a quorum at risk or another change, is tried again at the next look. */
  private async look(): Promise<void> {
    const { nodeId, leaderId, phase } = this.raft.status();
    if (this.isActing || leaderId !== nodeId || phase !== 'running') {
      return;
    }
    this.isActing = true;
    try {
      await this.act(await this.nextStep());
    } catch (error) {
      this.tell(`a member that is to go stays for now: ${oneLine(String(error), SHOWN_TEXT_MAX)}`);
    } finally {
      this.isActing = false;
    }
  }

  private async nextStep(): Promise<SurplusStep> {
    const { count } = this.file;
    const progress = count === null ? null : await this.raft.memberProgress();
    const status = this.raft.status();
    const isLeader = status.leaderId === status.nodeId;
    return count === null || progress === null || !isLeader
      ? { kind: 'none' }
      : nextSurplusStep({ status, progress, count });
  }

  /** Nothing is waited for longer than an election takes: whoever leads then looks for itself. */
  private async act(step: SurplusStep): Promise<void> {
    const options = { timeoutMs: 2 * this.options.electionTimeoutMs };
    const wanted = `the members file asks for ${this.file.count ?? 0} members`;
    switch (step.kind) {
      case 'none':
        this.told = '';
        return;
      case 'wait':
        this.tell(`${wanted}; a member that is to go stays for now: ${step.reason}`);
        return;
      case 'remove':
        this.tell(`${wanted}: the leader removes ${step.id}`);
        await this.raft.changeMembership({ kind: 'remove', id: step.id }, options);
        return;
      case 'handOver':
        this.tell(`${wanted}: the leader is to go and hands over to ${step.to}`);
        await this.raft.handOver(step.to, options);
    }
  }

  private tell(text: string): void {
    if (this.told !== text) {
      this.told = text;
      this.raft.noteEvent(text);
    }
  }
}
