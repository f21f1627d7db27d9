import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { assert } from '../lib/assert.js';
import { Deferred } from '../lib/deferred.js';
import { Metrics } from '../metrics/metrics.js';
import { Clock } from '../ports/clock.port.js';
import { FreeSpace } from '../ports/free-space.port.js';
import { LogStore } from '../ports/log-store.port.js';
import type { StoredIdentity } from '../ports/log-store.port.js';
import { isOutage } from '../ports/outage.js';
import { PeerTransport } from '../ports/peer-transport.port.js';
import type { ForeignGreeting } from '../ports/peer-transport.port.js';
import { SnapshotStore } from '../ports/snapshot-store.port.js';
import { StateMachine } from '../ports/state-machine.port.js';
import { FoundingRefusedError, damagedData } from './consensus.errors.js';
import { EventLog } from './event-log.js';
import { foundingClusterId, foundingWrite } from './founding.js';
import type { Founder } from './founding.js';
import { RaftNode } from './raft-node.js';
import type { Exclusion, NodePhase } from './raft-status.js';
import type { RecoveredNode } from './recovery.js';
import { recover } from './recovery.js';
import { withinTime } from './within-time.js';

/** A founder listens this many times the peers' longest dial back-off for a cluster that knows its id. */
const foundingWindowFactor = 1.5;

/** A storage that is away is tried again after these pauses, in milliseconds; they double. */
const outagePauseMinMs = 50;
const outagePauseMaxMs = 2000;

/** The store revision up to which a process may have shown the data of a cluster. */
export interface Shown {
  readonly clusterId: string | null;
  readonly revision: number;
}

/** The way of a node from its start, over recovery and joining or founding, to its stop. */
@Injectable()
export class NodeLifecycle {
  /** Settable by who learns of it: what the cluster did with this node. */
  exclusion: Exclusion | null = null;
  private readonly logger = new Logger('Node');
  private readonly failed = new Deferred<Error>();
  private readonly greeted = new Deferred<ForeignGreeting>();
  /** From clusters that list this node's id, while it has no cluster. */
  private readonly greetings: ForeignGreeting[] = [];
  private recovered: RecoveredNode | null = null;
  private currentNode: RaftNode | null = null;
  private currentPhase: NodePhase = 'starting';
  private currentClusterId: string | null = null;
  private failureText: string | null = null;
  private shownBefore: Shown = { clusterId: null, revision: 0 };

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly log: LogStore,
    private readonly snapshots: SnapshotStore,
    private readonly transport: PeerTransport,
    private readonly stateMachine: StateMachine,
    private readonly clock: Clock,
    private readonly freeSpace: FreeSpace,
    private readonly events: EventLog,
    private readonly metrics: Metrics,
  ) {}

  get phase(): NodePhase {
    return this.currentPhase;
  }

  /** Null while the node recovers its data or has no cluster. */
  get node(): RaftNode | null {
    return this.currentNode;
  }

  get clusterId(): string | null {
    return this.currentClusterId;
  }

  /** Null before the data are read. */
  get identity(): StoredIdentity | null {
    return this.recovered?.identity ?? null;
  }

  /** Why the node failed, null while it did not. */
  get failure(): string | null {
    return this.failureText;
  }

  /** Store revision that this process may have shown before it read its data back once more: reads do not go below. */
  get shownRevision(): number {
    return this.shownBefore.revision;
  }

  /** What this process may have shown up to now, for another instance of the node in it: see {@link continueFrom}. */
  shown(): Shown {
    return {
      clusterId: this.currentClusterId,
      revision: Math.max(this.shownRevision, this.stateMachine.revision()),
    };
  }

  /** This process ran the node as another instance before: {@link shownRevision} begins there, within one cluster. */
  continueFrom(shown: Shown): void {
    this.shownBefore = shown;
  }

  /** Resolves when the node can no longer be trusted or can no longer write: the process must stop. */
  get whenFailed(): Promise<Error> {
    return this.failed.promise;
  }

  /**
   * Reads the data back and takes part where they belong to a cluster.
   *
   * @returns `running`, or `joining` where the node is empty: then {@link found} or {@link adopt} follows.
   * @throws StorageError or CorruptStateError when the data cannot be used.
   */
  async start(): Promise<'running' | 'joining'> {
    this.transport.onForeignGreeting((greeting) => {
      this.greetings.push(greeting);
      this.greeted.resolve(greeting);
    });
    this.log.onOutage = (error) => {
      this.currentNode?.fail(error);
    };
    const { identity, isEmpty } = await this.readFirst();
    this.logger.log(`data of ${identity.nodeId}, instance ${identity.instanceId}, start ${identity.bootNumber}`);
    const { clusterId } = identity;
    if (clusterId === null) {
      requireEmpty(isEmpty);
      this.currentPhase = 'joining';
      this.identify(null);
      return 'joining';
    }
    this.run(clusterId);
    return 'running';
  }

  /**
   * Makes this empty node a cluster of one, unless a cluster that knows its id makes itself heard meanwhile: then its
   * disk was wiped, and a second cluster must not come up beside the old one.
   *
   * @throws FoundingRefusedError in that case; nothing was changed.
   */
  async found(): Promise<void> {
    const { identity } = this;
    assert(identity !== null, 'the node knows who it is');
    await withinTime(this.greeted.promise, foundingWindowFactor * this.settings.dialBackoffMaxMs);
    const { haddr: httpAddr, raddr: raftAddr } = this.settings;
    const { nodeId: id, instanceId } = identity;
    await this.foundWith([{ id, instanceId, httpAddr, raftAddr }]);
  }

  /**
   * Makes this empty node one of those that found a cluster together; each of them stores the same. Durable before the
   * node takes part.
   *
   * @throws FoundingRefusedError where a cluster that knows this node's id made itself heard; nothing was changed.
   */
  async foundWith(founders: readonly Founder[]): Promise<void> {
    const { recovered } = this;
    assert(recovered !== null && this.currentPhase === 'joining', 'an empty node founds');
    // Another founder may have stored the same a moment earlier, and be calling already.
    const clusterId = foundingClusterId(founders);
    const greeting = this.greetings.find((each) => each.clusterId !== clusterId);
    if (greeting !== undefined) {
      throw new FoundingRefusedError(foundingRefusal(this.settings.id, greeting));
    }
    const write = foundingWrite(founders);
    await this.log.setClusterId(clusterId, write);
    const hardState = write.hardState ?? recovered.durable.hardState;
    this.recovered = { ...recovered, durable: { hardState, snapshot: null, entries: write.entries }, isEmpty: false };
    this.logger.log(`founded cluster ${clusterId} with ${founders.map(({ id }) => id).join(', ')}`);
    this.run(clusterId);
  }

  /** This empty node was admitted to a cluster and waits for its leader from now on. */
  async adopt(clusterId: string): Promise<void> {
    assert(this.currentPhase === 'joining', 'an empty node joins');
    await this.nameUntilStored(clusterId);
    this.logger.log(`admitted to cluster ${clusterId}, waiting for its leader`);
    this.run(clusterId);
  }

  /** Hands leadership over, so that the others need no election; callers are served on. */
  async handOver(): Promise<void> {
    this.currentPhase = 'stopping';
    const node = this.currentNode;
    if (!node?.core.state.isLeader) {
      return;
    }
    node.submit({ type: 'transferLeadership', target: null });
    if (node.core.state.transfer === null) {
      return;
    }
    const isDone = await node.waitUntil(() => !node.core.state.isLeader, this.settings.electionTimeoutMs);
    this.logger.log(isDone ? 'leadership handed over' : 'leadership could not be handed over in time');
  }

  /** Ends the node and lets go of its peers and its data. */
  async stop(): Promise<void> {
    this.currentPhase = 'stopping';
    this.currentNode?.stop();
    await this.transport.close();
    await this.log.close();
  }

  /** What was admitted must not be lost over a storage that is away for a moment: the cluster counts on it. */
  private async nameUntilStored(clusterId: string): Promise<void> {
    for (;;) {
      try {
        await this.log.setClusterId(clusterId);
        return;
      } catch (error) {
        if (!isOutage(error)) {
          throw error;
        }
      }
      await this.readFirst();
    }
  }

  private run(clusterId: string): void {
    const { recovered } = this;
    assert(recovered !== null, 'a node runs on what it recovered');
    this.currentClusterId = clusterId;
    if (this.shownBefore.clusterId !== clusterId) {
      // The revisions of two clusters have nothing to do with each other.
      this.shownBefore = { clusterId, revision: 0 };
    }
    this.identify(clusterId);
    this.currentNode = new RaftNode(
      {
        settings: this.settings,
        stores: { log: this.log, snapshots: this.snapshots },
        transport: this.transport,
        stateMachine: this.stateMachine,
        clock: this.clock,
        freeSpace: this.freeSpace,
        events: this.events,
        metrics: this.metrics,
        onFailure: (error) => {
          this.fail(error);
        },
      },
      recovered,
    );
    this.recovered = { ...recovered, durable: { ...recovered.durable, entries: [] } };
    this.currentPhase = 'running';
  }

  /**
   * The storage is away, and what became of the last write nobody knows: the core is given up, and another one goes on
   * from what the storage holds once it is back. To the other members this node was down meanwhile.
   */
  private async comeBack(cause: Error): Promise<void> {
    const sinceMs = this.clock.nowMs();
    this.shownBefore = this.shown();
    this.currentNode = null;
    this.currentPhase = 'recovering';
    this.logger.warn(`the storage is away, the node waits for it: ${cause.message}`);
    let error: Error | null = cause;
    for (let pauseMs = outagePauseMinMs; isOutage(error); pauseMs = Math.min(outagePauseMaxMs, pauseMs * 2)) {
      this.failureText = error.message;
      await sleep(pauseMs, undefined, { ref: false });
      error = this.isRecovering ? await this.readBack() : null;
    }
    if (error !== null) {
      this.fail(error);
    } else if (this.isRecovering) {
      this.failureText = null;
      this.logger.log(`the storage is back after ${Math.round(this.clock.nowMs() - sinceMs)} ms`);
      this.run(this.currentClusterId ?? '');
    }
  }

  /** A getter, since the phase changes while others are waited for. */
  private get isRecovering(): boolean {
    return this.currentPhase === 'recovering';
  }

  /** A storage that comes up beside this node is waited for, for as long as a statement may take. */
  private async readFirst(): Promise<RecoveredNode> {
    const deadlineMs = this.clock.nowMs() + this.settings.postgresTimeoutMs;
    for (;;) {
      const error = await this.readBack();
      if (error === null) {
        assert(this.recovered !== null, 'what was read back is there');
        return this.recovered;
      }
      if (!isOutage(error) || this.clock.nowMs() > deadlineMs || this.currentPhase === 'stopping') {
        throw error;
      }
      await sleep(outagePauseMaxMs / 10);
    }
  }

  /** @returns What went wrong, null where nothing did. */
  private async readBack(): Promise<Error | null> {
    try {
      this.recovered = await recover({ log: this.log, snapshots: this.snapshots }, this.stateMachine, this.settings.id);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private identify(clusterId: string | null): void {
    const { identity } = this;
    assert(identity !== null, 'the node knows who it is');
    this.transport.identify({ nodeId: identity.nodeId, instanceId: identity.instanceId, clusterId });
  }

  private fail(error: Error): void {
    if (this.currentPhase === 'stopping' && (isOutage(error) || ('code' in error && error.code === 'CLOSED'))) {
      // The same shutdown closed the storage a moment earlier; nobody waits for this write any more.
      return;
    }
    if (isOutage(error)) {
      void this.comeBack(error);
      return;
    }
    this.currentPhase = 'failed';
    this.failureText = error.message;
    this.failed.resolve(error);
  }
}

/** A cluster is named together with its first entry, and a joiner before its first. */
function requireEmpty(isEmpty: boolean): void {
  if (!isEmpty) {
    throw damagedData('the data do not say which cluster they belong to');
  }
}

function foundingRefusal(nodeId: string, greeting: ForeignGreeting): string {
  return (
    `cluster ${greeting.clusterId} lists ${nodeId} with other data and its member ${greeting.fromNodeId} is calling: ` +
    `this node does not found a second cluster. Start it with -join ADDRESS of a member, after POST /join with ` +
    `"replace": true or under a new id.`
  );
}
