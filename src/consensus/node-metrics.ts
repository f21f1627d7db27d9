import { Inject, Injectable } from '@nestjs/common';
import { programVersion } from '../config/program-version.js';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { CounterFrom } from '../metrics/counter-from.js';
import { Metrics } from '../metrics/metrics.js';
import { failuresTolerated } from './failures-tolerated.js';
import { NodeLifecycle } from './node-lifecycle.js';
import { RaftService } from './raft.service.js';
import type { MemberProgress, RaftStatus } from './raft-status.js';
import type { StorageSizes } from './storage-sizes.js';

/** Looks a node over each time that somebody asks for its metrics. */
@Injectable()
export class NodeMetrics {
  private readonly rounds: CounterFrom;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly metrics: Metrics,
    private readonly raft: RaftService,
    private readonly lifecycle: NodeLifecycle,
  ) {
    this.rounds = new CounterFrom(metrics.heartbeatRounds);
    metrics.info.set({ node: settings.id, version: programVersion, storage: settings.storage }, 1);
    metrics.onScrape(() => this.collect());
  }

  private async collect(): Promise<void> {
    const status = this.raft.status();
    this.collectRaft(status);
    this.collectStorage(status, await this.raft.storageSizes());
    this.collectCluster(status, status.leaderId === status.nodeId ? await this.raft.memberProgress() : null);
  }

  private collectRaft(status: RaftStatus): void {
    const { metrics, lifecycle } = this;
    metrics.isLeader.set(Number(status.leaderId === status.nodeId));
    metrics.hasLeader.set(Number(status.leaderId !== null));
    metrics.term.set(status.term);
    metrics.commitIndex.set(status.commitIndex);
    metrics.appliedIndex.set(status.appliedIndex);
    metrics.lag.set(status.lagEntries);
    metrics.lastLogIndex.set(status.lastLogIndex);
    metrics.snapshotIndex.set(status.snapshotIndex);
    metrics.logBytes.set(status.logBytes);
    metrics.revision.set(status.revision);
    setOrForget(metrics.leaderContact, status.lastContactMs === null ? null : status.lastContactMs / 1000);
    this.rounds.follow(lifecycle.node?.core.state.round ?? 0);
    metrics.proposalsPending.set(lifecycle.node?.loop.proposals.size ?? 0);
    metrics.readsPending.set(lifecycle.node?.loop.reads.size ?? 0);
  }

  private collectStorage(status: RaftStatus, { usedBytes, freeBytes }: StorageSizes): void {
    const { metrics } = this;
    setOrForget(metrics.storageUsedBytes, usedBytes);
    setOrForget(metrics.storageFreeBytes, freeBytes);
    metrics.storageFull.set(Number(status.isStorageFull));
    metrics.storageStalled.set(Number(status.isStorageStalled));
    metrics.storageAway.set(Number(status.failure !== null));
  }

  /** What only the leader knows is not there elsewhere, nor a member that has gone. */
  private collectCluster(status: RaftStatus, progress: readonly MemberProgress[] | null): void {
    const { metrics } = this;
    const { configuration, findings } = status;
    const voters = configuration.voterIds.length;
    metrics.members.set({ role: 'voter' }, voters);
    metrics.members.set({ role: 'learner' }, configuration.members.length - voters);
    metrics.comparedIndex.set(findings.comparedIndex);
    metrics.divergences.set(findings.divergences.reduce((sum, { members }) => sum + members.length, 0));
    metrics.peerLag.reset();
    metrics.peerContact.reset();
    setOrForget(metrics.failuresTolerated, failuresTolerated(configuration, progress));
    for (const { id, matchIndex, lastContactMs } of progress ?? []) {
      if (id !== this.settings.id) {
        metrics.peerLag.set({ peer: id }, Math.max(0, status.lastLogIndex - matchIndex));
        if (lastContactMs !== null) {
          metrics.peerContact.set({ peer: id }, lastContactMs / 1000);
        }
      }
    }
  }
}

/** A number that is not known is left out rather than shown as 0. */
function setOrForget(gauge: Metrics['storageFreeBytes'], value: number | null): void {
  if (value === null) {
    gauge.remove();
  } else {
    gauge.set(value);
  }
}
