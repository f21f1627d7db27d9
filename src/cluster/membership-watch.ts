import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { RaftService } from '../consensus/raft.service.js';
import type { Exclusion, RaftStatus } from '../consensus/raft-status.js';
import { Deferred } from '../lib/deferred.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { textOf } from './ask-member.js';
import { exclusionIn } from './exclusion.js';
import { MembersFile } from './members-file.js';

/** A node without a leader asks the others at this interval, in election timeouts. */
const intervalTimeouts = 2;

/**
 * Finds out whether the cluster has removed or replaced this node: the entry that does so never comes to it. While it
 * knows a leader it is a member; without one it asks the others over HTTP.
 */
@Injectable()
export class MembershipWatch implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private readonly toJoinAnew = new Deferred<string>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  /** Whether this process has been a member with a leader. */
  private wasMember = false;
  private isAsking = false;

  constructor(
    private readonly raft: RaftService,
    private readonly membersFile: MembersFile,
    @Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions,
  ) {}

  /**
   * Resolves with the instance id where the cluster has removed the node and it should join anew: it was removed before
   * this process started, or the members file has a place for it. Where that has none it waits for one.
   */
  get whenToJoinAnew(): Promise<string> {
    return this.toJoinAnew.promise;
  }

  start(): void {
    const { electionTimeoutMs } = this.options;
    this.timer = setInterval(() => {
      void this.look();
    }, intervalTimeouts * electionTimeoutMs);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
    clearInterval(this.timer ?? undefined);
  }

  private async look(): Promise<void> {
    const status = this.raft.status();
    const isMember = status.leaderId !== null && status.configuration.knows(status.nodeId, status.instanceId);
    this.wasMember ||= isMember;
    this.maybeJoinAnew(status);
    if (isMember) {
      this.note(null, status);
    } else if (status.phase === 'running' && !this.isAsking) {
      this.isAsking = true;
      const found = await this.ask(status);
      this.isAsking = false;
      if (found !== null && !this.stopping.signal.aborted) {
        this.note(found === 'member' ? null : found, this.raft.status());
      }
    }
  }

  /** All others at once; the first that knows decides, since whatever counts is committed. */
  private async ask(status: RaftStatus): Promise<Exclusion | 'member' | null> {
    const { clusterId, nodeId, instanceId, configuration, configurationIndex } = status;
    if (clusterId === null) {
      return null;
    }
    const known = configuration.members.filter(({ id }) => id !== nodeId).map(({ httpAddr }) => httpAddr);
    const targets = [...new Set([...known, ...this.options.join])].filter((addr) => addr !== this.options.httpAddr);
    const asker = { clusterId, nodeId, instanceId, configurationIndex };
    const answers = await Promise.all(
      targets.map(async (target) => {
        const { electionTimeoutMs: timeoutMs } = this.options;
        const text = await textOf(target, '/cluster', { timeoutMs, signal: this.stopping.signal });
        return text === null ? null : exclusionIn(text, asker);
      }),
    );
    return answers.find((answer) => answer !== null) ?? null;
  }

  private note(exclusion: Exclusion | null, before: RaftStatus): void {
    if (before.exclusion === exclusion) {
      return;
    }
    this.raft.noteExclusion(exclusion);
    if (exclusion !== null && !this.maybeJoinAnew(this.raft.status())) {
      const text = this.isKeptOut(before) ? keptOutText : exclusionTexts[exclusion];
      this.logger.warn(`${text(before.nodeId)} Reads with level=stale go on.`);
    }
  }

  /** @returns Whether it is to. */
  private maybeJoinAnew(status: RaftStatus): boolean {
    const isAsked = this.membersFile.hasPlace || (!this.wasMember && !this.isKeptOut(status));
    if (status.exclusion !== 'removed' || this.options.join.length === 0 || !isAsked) {
      return false;
    }
    this.toJoinAnew.resolve(status.instanceId);
    return true;
  }

  private isKeptOut({ nodeId }: RaftStatus): boolean {
    return this.membersFile.hasNoPlaceFor(nodeId);
  }
}

const keptOutText = (nodeId: string): string =>
  `the cluster has removed ${nodeId}, and the members file has no place for it: it joins anew once that has one.`;

const exclusionTexts: Readonly<Record<Exclusion, (nodeId: string) => string>> = {
  removed: (nodeId) =>
    `the cluster has removed ${nodeId}. Stop it; started with -join ADDRESS of a member it sets its data aside and joins as a new instance.`,
  leftBehind: (nodeId) =>
    `the cluster was rescued from the data of another member, and those of ${nodeId} belong to its former epoch. Stop it, set its data aside, and start it with -join ADDRESS of a member.`,
  replaced: (nodeId) =>
    `the cluster knows ${nodeId} as another instance, which has taken its place. Stop it; these data are of no use any more.`,
};
