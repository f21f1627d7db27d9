import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { Histogram } from './histogram.js';

/** Bounds in seconds: from what memory takes to what a client gives up on. */
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const countBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Every instrument of a node, named by the conventions of Prometheus. Owners set them; what is cheaper to look up when
 * somebody asks is set by a collector.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly collectors: (() => void | Promise<void>)[] = [];

  readonly info = this.gauge('info', 'Always 1; the labels say who the node is.', ['node', 'version', 'storage']);

  readonly isLeader = this.gauge('raft_is_leader', 'Whether this node leads: 1 or 0.');
  readonly hasLeader = this.gauge('raft_has_leader', 'Whether this node knows a leader: 1 or 0.');
  readonly term = this.gauge('raft_term', 'Current term.');
  readonly commitIndex = this.gauge('raft_commit_index', 'Highest index known to be committed.');
  readonly appliedIndex = this.gauge('raft_applied_index', 'Highest index whose effect is in the state of this node.');
  readonly lag = this.gauge(
    'raft_lag_entries',
    'Entries known to be committed whose effect is not in the state of this node.',
  );
  readonly lastLogIndex = this.gauge('raft_last_log_index', 'Index of the last entry of the log.');
  readonly snapshotIndex = this.gauge('raft_snapshot_index', 'Index of the last entry that the newest snapshot holds.');
  readonly logBytes = this.gauge('raft_log_bytes', 'Bytes of the entries that are held in memory.');
  readonly leaderContact = this.gauge(
    'raft_leader_last_contact_seconds',
    'Time since this node heard a leader; 0 on the leader.',
  );
  readonly elections = this.counter('raft_elections_started_total', 'Elections that this node held.');
  readonly electionsWon = this.counter('raft_elections_won_total', 'Elections that this node won.', ['reason']);
  readonly leaderChanges = this.counter('raft_leader_changes_total', 'Leaders that this node saw come.');
  readonly heartbeatRounds = this.counter(
    'raft_heartbeat_rounds_total',
    'Rounds of heartbeats, those for reads among them.',
  );

  readonly members = this.gauge('cluster_members', 'Members as this node knows them.', ['role']);
  readonly failuresTolerated = this.gauge(
    'cluster_failures_tolerated',
    'Healthy voters beyond those that a quorum needs; on the leader alone.',
  );
  readonly peerLag = this.gauge(
    'peer_lag_entries',
    'Entries that a member lacks of those of the leader; on the leader alone.',
    ['peer'],
  );
  readonly peerContact = this.gauge(
    'peer_last_contact_seconds',
    'Time since the leader heard a member; on the leader alone.',
    ['peer'],
  );
  readonly peerMessagesDropped = this.counter('peer_messages_dropped_total', 'Messages to peers that were not sent.', [
    'reason',
  ]);
  readonly peerBytes = this.counter('peer_bytes_total', 'Bytes on connections to peers.', ['direction']);
  readonly peerFrames = this.counter('peer_frames_total', 'Frames on connections to peers.', ['direction']);

  readonly proposals = this.histogram(
    'proposal_duration_seconds',
    'From a write that reaches this node to its outcome, by outcome.',
    secondsBuckets,
    ['outcome'],
  );
  readonly reads = this.histogram(
    'read_wait_duration_seconds',
    'How long a read waits until this node may answer it, by level and outcome.',
    secondsBuckets,
    ['level', 'outcome'],
  );
  readonly requestsRefused = this.counter(
    'requests_refused_total',
    'Reads and writes that certainly were not carried out, by reason.',
    ['reason'],
  );
  readonly proposalsPending = this.gauge('proposals_pending', 'Writes that wait for their outcome on this node.');
  readonly readsPending = this.gauge('reads_pending', 'Reads that wait on this node.');

  readonly logWrite = this.histogram(
    'log_write_duration_seconds',
    'From the start of a durable write to the log to its end, the sync of the disk or the server included.',
    secondsBuckets,
  );
  readonly logWriteEntries = this.histogram(
    'log_write_entries',
    'Entries in one durable write to the log.',
    countBuckets,
  );
  readonly applied = this.counter('entries_applied_total', 'Entries whose effect was put into the state.');
  readonly applySeconds = this.counter('apply_seconds_total', 'Time that applying entries took.');
  readonly snapshotDuration = this.histogram(
    'snapshot_duration_seconds',
    'From the start of a snapshot to its end.',
    [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
  );
  readonly snapshotBytes = this.gauge('snapshot_bytes', 'Size of the newest snapshot that this process took.');
  readonly snapshotsFailed = this.counter('snapshots_failed_total', 'Snapshots that found no space.');
  readonly storageUsedBytes = this.gauge(
    'storage_used_bytes',
    'Space that log and snapshots take where they are stored; absent where the storage does not answer.',
  );
  readonly storageFreeBytes = this.gauge(
    'storage_free_bytes',
    'Free space where the data are; absent where it cannot be told.',
  );
  readonly storageFull = this.gauge('storage_full', 'Whether less than the reserve is free: 1 or 0.');
  readonly storageStalled = this.gauge(
    'storage_stalled',
    'Whether a write takes longer than an election timeout: 1 or 0.',
  );
  readonly storageAway = this.gauge('storage_away', 'Whether the storage failed or is away: 1 or 0.');

  readonly revision = this.gauge('store_revision', 'Revision of the store as this node has it.');
  readonly keys = this.gauge('store_keys', 'Keys in the store as this node has it.');
  readonly comparedIndex = this.gauge(
    'state_compared_index',
    'Highest index at which the states of all members were found equal.',
  );
  readonly divergences = this.gauge('state_divergences', 'Members whose state was found unlike that of the others.');

  readonly http = this.histogram(
    'http_request_duration_seconds',
    'From a request to the handing over of its answer, by method, route and status.',
    secondsBuckets,
    ['method', 'route', 'status'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Has `collect` set gauges each time that somebody asks. */
  onScrape(collect: () => void | Promise<void>): void {
    this.collectors.push(collect);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text that Prometheus reads. */
  async render(): Promise<string> {
    for (const collect of this.collectors) {
      await collect();
    }
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ ...this.named(name, help), labelNames: [...labelNames] });
  }

  private counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return new Counter({ ...this.named(name, help), labelNames: [...labelNames] });
  }

  private histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly string[] = [],
  ): Histogram {
    return new Histogram({ ...this.named(name, help), buckets, labelNames });
  }

  private named(name: string, help: string): { name: string; help: string; registers: Registry[] } {
    return { name: `raftdb_${name}`, help, registers: [this.registry] };
  }
}
