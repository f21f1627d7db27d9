import type { BeforeApplicationShutdown, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.js';
import { Clock } from '../ports/clock.port.js';
import { FreeSpace } from '../ports/free-space.port.js';
import { StateMachine } from '../ports/state-machine.port.js';
import { StoredSize } from '../ports/stored-size.port.js';
import { Configuration } from '../raft/index.js';
import type { MemberProgress, MembershipChange, NodeId, SilentMember } from '../raft/index.js';
import {
  NoLeaderError,
  NoMemberError,
  NotHandedOverError,
  ShuttingDownError,
  StartingError,
} from './consensus.errors.js';
import { EventLog } from './event-log.js';
import type { ClusterEvent } from './event-log.js';
import { NodeLifecycle } from './node-lifecycle.js';
import { lastContactMs, nodeStatus } from './node-status.js';
import type { Caller } from './pending-proposals.js';
import type { RaftNode } from './raft-node.js';
import { exclusionWords } from './raft-status.js';
import { RequestMeter } from './request-meter.js';
import type { Exclusion, NodePhase, RaftStatus } from './raft-status.js';
import { StorageLook } from './storage-sizes.js';
import type { StorageSizes } from './storage-sizes.js';
import { TurnEnd } from './turn-end.js';

/** How fresh a read must be: see docs/architecture.md, read levels. */
export type ReadLevel = 'stale' | 'default' | 'consistent';

export interface RequestOptions {
  /** Milliseconds from now after which the caller no longer waits. */
  readonly timeoutMs: number;
}

/** What becomes of a change of the members once it is committed. */
export interface MembershipOutcome {
  readonly clusterId: string;
  /** The members once the change is in force. */
  readonly configuration: Configuration;
}

/** Why nothing but a stale read can be served, where it is not that the node starts. */
const idleWords: Partial<Record<NodePhase, string>> = {
  joining: 'this node has no cluster yet',
  recovering: 'the storage of this node is away; it waits for it',
};

/** What other modules may ask of consensus. */
@Injectable()
export class RaftService implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly meter: RequestMeter;
  private readonly storage: StorageLook;
  private readonly turnEnd = new TurnEnd();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly lifecycle: NodeLifecycle,
    private readonly stateMachine: StateMachine,
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    storedSize: StoredSize,
    freeSpace: FreeSpace,
    metrics: Metrics,
  ) {
    this.meter = new RequestMeter(metrics);
    this.storage = new StorageLook({ storedSize, freeSpace, clock }, settings.electionTimeoutMs);
  }

  /** The latest of what happened to the cluster, oldest first. */
  get events(): readonly ClusterEvent[] {
    return this.eventLog.latest;
  }

  /**
   * Replicates one command and resolves with the state machine's result, once it is committed and applied here.
   * Works on any node: a follower forwards to the leader.
   *
   * @throws OutcomeUnknownError when it may or may not happen; every other ConsensusError says it did not.
   */
  propose(command: Uint8Array, options: RequestOptions): Promise<unknown> {
    return this.ask((node, caller: Caller<unknown>, deadlineMs) => {
      node.loop.proposals.add({ kind: 'command', data: command }, this.meter.proposal(caller), deadlineMs);
    }, options);
  }

  /**
   * Whether too many writes wait for {@link propose} to take a further one. A caller that asks before it looks at a write spends
   * little time on what it refuses, and has it for what waits.
   */
  get isFull(): boolean {
    return this.lifecycle.node?.loop.proposals.isFull === true;
  }

  /** A caller refused a write since {@link isFull}: it did not happen. */
  noteRefusal(): void {
    this.meter.noteOverload();
  }

  /**
   * Resolves when the state machine of this node may answer a read of this level, synchronously in the same turn.
   *
   * @throws StartingError, NoLeaderError (also where no quorum confirmed it in time), ReadTimeoutError,
   *   OverloadedError, ShuttingDownError.
   */
  read(level: ReadLevel, options: RequestOptions): Promise<void> {
    if (level === 'stale') {
      return this.readStale();
    }
    const confirmation = level === 'consistent' ? 'quorum' : 'contact';
    return this.ask((node, caller: Caller<void>, deadlineMs) => {
      node.loop.reads.add(confirmation, this.meter.read(caller, confirmation), deadlineMs);
    }, options);
  }

  /** Resolves once this node has applied store revision `revision`. @throws ReadTimeoutError, StartingError. */
  waitForRevision(revision: number, options: RequestOptions): Promise<void> {
    return this.ask((node, caller: Caller<void>, deadlineMs) => {
      node.loop.reads.addRevision(revision, caller, deadlineMs);
    }, options);
  }

  /** Changes the members and resolves once the change is committed and applied here. Any node will do. */
  async changeMembership(change: MembershipChange, options: RequestOptions): Promise<MembershipOutcome> {
    const configuration = await this.ask((node, caller: Caller<unknown>, deadlineMs) => {
      node.loop.proposals.add({ kind: 'change', change }, caller, deadlineMs);
    }, options);
    const clusterId = this.lifecycle.clusterId ?? '';
    // A change of the members is settled by its configuration entry, whose result is the configuration.
    return { clusterId, configuration: configuration as Configuration };
  }

  /** Has this node remove a member that it does not hear, where it still leads that term. Nothing is waited for. */
  removeSilent(member: SilentMember): void {
    this.lifecycle.node?.submit({ type: 'removeSilent', ...member });
  }

  /** Adds to {@link events}. */
  noteEvent(text: string): void {
    this.eventLog.note(text);
  }

  /** The cluster is known to have removed or replaced this node; null: it is a member after all. */
  noteExclusion(exclusion: Exclusion | null): void {
    this.lifecycle.exclusion = exclusion;
    const { id } = this.settings;
    this.eventLog.note(exclusion === null ? `${id} is a member again` : `${id} was ${exclusionWords[exclusion]}`);
  }

  /** This moment of this node; computed on each call and cheap. */
  status(): RaftStatus {
    const { node, identity, phase, clusterId, failure } = this.lifecycle;
    const { exclusion } = this.lifecycle;
    const shell = { phase, clusterId: clusterId ?? identity?.clusterId ?? null, failure, exclusion };
    if (node !== null) {
      return { ...nodeStatus(node, this.stateMachine), ...shell };
    }
    return { ...this.idleStatus(), ...shell };
  }

  /** Asks the storage itself; what it does not tell within an election timeout is null. Never rejects. */
  storageSizes(): Promise<StorageSizes> {
    return this.storage.sizes();
  }

  /**
   * What the leader knows of the members; asks it where this node follows. Never rejects: null where no leader
   * answers within half an election timeout.
   */
  memberProgress(): Promise<readonly MemberProgress[] | null> {
    const { node } = this.lifecycle;
    if (node === null || this.leaderId === null) {
      return Promise.resolve(null);
    }
    return new Promise((resolve) => {
      node.loop.progress.add(resolve, this.clock.nowMs() + this.settings.electionTimeoutMs / 2);
      node.scheduleFlush();
    });
  }

  /**
   * Asks whoever leads to hand leadership to `target`, or to the voter that stores most, and resolves with the node that
   * leads then. Writes meanwhile wait for it. Any node will do.
   *
   * @throws NotHandedOverError where it did not come to that in two election timeouts or in time; NoLeaderError.
   */
  async handOver(target: NodeId | null, options: RequestOptions): Promise<NodeId> {
    const node = this.runningNode();
    const sinceMs = this.clock.nowMs();
    const before = await this.waitForLeader(options);
    if (before === target) {
      return before;
    }
    node.submit({ type: 'requestHandOver', target });
    const leftMs = options.timeoutMs - (this.clock.nowMs() - sinceMs);
    const isDone = (): boolean => {
      const { leaderId } = this;
      return target === null ? leaderId !== null && leaderId !== before : leaderId === target;
    };
    await node.waitUntil(isDone, Math.min(leftMs, 2 * this.settings.electionTimeoutMs));
    const { leaderId } = this;
    if (leaderId === null || !isDone()) {
      throw new NotHandedOverError(`leadership was not handed over by ${before}`);
    }
    return leaderId;
  }

  /**
   * Resolves with the leader, as soon as one is known.
   *
   * @throws NoLeaderError when none is in time; StartingError.
   */
  async waitForLeader(options: RequestOptions): Promise<NodeId> {
    await this.runningNode().waitUntil(() => this.leaderId !== null, options.timeoutMs);
    const { leaderId } = this;
    if (leaderId === null) {
      throw new NoLeaderError('no leader was found in time');
    }
    return leaderId;
  }

  /** The node that is thought to lead, null where none is known. */
  get leaderId(): NodeId | null {
    return this.lifecycle.node?.core.state.leaderId ?? null;
  }

  /** How long ago it was heard, in milliseconds: 0 on the leader, null where none was. */
  get lastContactMs(): number | null {
    const { node } = this.lifecycle;
    return node === null ? null : lastContactMs(node.core);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.lifecycle.handOver();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lifecycle.stop();
  }

  private ask<T>(
    add: (node: RaftNode, caller: Caller<T>, deadlineMs: number) => void,
    options: RequestOptions,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const node = this.runningNode();
      add(node, { resolve, reject }, this.clock.nowMs() + options.timeoutMs);
      node.scheduleFlush();
    });
  }

  private async readStale(): Promise<void> {
    await this.turnEnd.wait();
    if (this.lifecycle.phase !== 'recovering' && this.lifecycle.exclusion === null) {
      this.runningNode();
    }
    if (this.stateMachine.revision() < this.lifecycle.shownRevision) {
      throw new StartingError('this node reads back what it has shown before');
    }
  }

  private runningNode(): RaftNode {
    const { node, phase, exclusion } = this.lifecycle;
    if (phase === 'failed') {
      throw new ShuttingDownError('the storage of this node failed; it is stopping');
    }
    if (exclusion !== null) {
      throw new NoMemberError(`this node was ${exclusionWords[exclusion]}`);
    }
    if (node === null) {
      throw new StartingError(idleWords[phase] ?? 'this node is reading back its data');
    }
    return node;
  }

  private idleStatus(): Omit<RaftStatus, 'phase' | 'clusterId' | 'failure' | 'exclusion'> {
    return {
      nodeId: this.settings.id,
      instanceId: this.lifecycle.identity?.instanceId ?? '',
      role: 'follower',
      term: 0,
      leaderId: null,
      commitIndex: 0,
      appliedIndex: 0,
      lagEntries: 0,
      firstLogIndex: 1,
      lastLogIndex: 0,
      durableIndex: 0,
      durableTerm: 0,
      snapshotIndex: 0,
      logBytes: 0,
      revision: this.stateMachine.revision(),
      checksum: this.stateMachine.checksum(),
      lastContactMs: null,
      configuration: Configuration.empty,
      configurationIndex: 0,
      isStorageStalled: false,
      isStorageFull: false,
      findings: { comparedIndex: 0, divergences: [] },
    };
  }
}
