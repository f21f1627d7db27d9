import { randomUUID } from 'node:crypto';
import {
  NoLeaderError,
  NotHandedOverError,
  ReadTimeoutError,
  StartingError,
} from '../../src/consensus/consensus.errors.js';
import type { MembershipOutcome, RaftService, ReadLevel, RequestOptions } from '../../src/consensus/raft.service.js';
import type { Exclusion, NodePhase, RaftStatus } from '../../src/consensus/raft-status.js';
import type { StorageSizes } from '../../src/consensus/storage-sizes.js';
import { Configuration } from '../../src/raft/index.js';
import type { ComparisonFindings, Member, MemberProgress, MembershipChange, NodeId } from '../../src/raft/index.js';
import { decodeCommand } from '../../src/state-machine/index.js';
import type { CommandEnvelope, KeyValueStore } from '../../src/state-machine/index.js';

/** Stands in for consensus where HTTP is tested: one node that leads and applies each command at once. */
export class SingleNodeRaft implements Pick<
  RaftService,
  | 'propose'
  | 'isFull'
  | 'noteRefusal'
  | 'read'
  | 'waitForRevision'
  | 'changeMembership'
  | 'memberProgress'
  | 'handOver'
  | 'waitForLeader'
  | 'status'
  | 'storageSizes'
  | 'leaderId'
  | 'lastContactMs'
> {
  /** Settable: what `status()` says. */
  phase: NodePhase = 'running';
  failure: string | null = null;
  isStorageStalled = false;
  exclusion: Exclusion | null = null;
  lagEntries = 0;
  sizes: StorageSizes = { usedBytes: 4096, freeBytes: 1_000_000 };
  leaderId: string | null;
  configuration: Configuration;
  /** Thrown instead of the next answer, once. */
  failWith: Error | null = null;
  /** Settable: why the members cannot be changed, or leadership not handed over. */
  failOnChange: Error | null = null;
  failOnHandOver: Error | null = null;
  /** Settable: every call waits for it. */
  gate = Promise.resolve();
  /** Settable: too many writes wait. */
  isFull = false;
  /** How many writes were refused as {@link isFull}. */
  refusals = 0;
  /** What the last call was told. */
  lastTimeoutMs: number | null = null;
  readonly levels: ReadLevel[] = [];
  /** Settable: what the leader knows of the members; undefined: itself alone. */
  progress: readonly MemberProgress[] | null | undefined;
  /** Settable: what the comparisons of states found. */
  findings: ComparisonFindings = { comparedIndex: 0, divergences: [] };
  /** Called when a request begins to wait for a revision or a leader. */
  onWait: () => void = () => undefined;
  readonly changes: MembershipChange[] = [];
  readonly handOvers: (NodeId | null)[] = [];
  /** The last command that was proposed. */
  lastCommand: CommandEnvelope | null = null;
  private index = 0;
  private readonly waiting: { readonly revision: number; readonly resolve: () => void }[] = [];

  constructor(
    readonly self: Member,
    private readonly store: KeyValueStore,
  ) {
    this.leaderId = self.id;
    this.configuration = new Configuration([self]);
  }

  noteRefusal(): void {
    this.refusals += 1;
  }

  propose(command: Uint8Array, options: RequestOptions): Promise<unknown> {
    return this.run(options, () => {
      if (this.leaderId === null) {
        throw new NoLeaderError('no leader');
      }
      this.index += 1;
      this.lastCommand = decodeCommand(command);
      const result = this.store.apply({ index: this.index, timeMs: this.index, data: command });
      for (const { revision, resolve } of this.waiting) {
        if (revision <= this.store.revision()) {
          resolve();
        }
      }
      return result;
    });
  }

  read(level: ReadLevel, options: RequestOptions): Promise<void> {
    return this.run(options, () => {
      this.levels.push(level);
      if (this.phase === 'starting') {
        throw new StartingError('starting');
      }
      if (level !== 'stale' && this.leaderId === null) {
        throw new NoLeaderError('no leader');
      }
    });
  }

  async waitForRevision(revision: number, options: RequestOptions): Promise<void> {
    if (this.store.revision() >= revision) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new ReadTimeoutError('too late'));
      }, options.timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push({ revision, resolve: settle });
      this.onWait();
    });
  }

  changeMembership(change: MembershipChange, options: RequestOptions): Promise<MembershipOutcome> {
    return this.run(options, () => {
      if (this.failOnChange !== null) {
        throw this.failOnChange;
      }
      this.changes.push(change);
      if (change.kind === 'join') {
        const { member } = change;
        const instanceId = member.instanceId ?? randomUUID();
        this.configuration = this.configuration.with({ ...member, instanceId, role: 'learner' });
      }
      if (change.kind === 'remove') {
        this.configuration = this.configuration.without(change.id);
      }
      return { clusterId: 'cluster-1', configuration: this.configuration };
    });
  }

  handOver(target: NodeId | null, options: RequestOptions): Promise<NodeId> {
    return this.run(options, () => {
      if (this.failOnHandOver !== null) {
        throw this.failOnHandOver;
      }
      this.handOvers.push(target);
      const next = target ?? this.configuration.voterIds.find((id) => id !== this.leaderId);
      if (next === undefined) {
        throw new NotHandedOverError('nobody can');
      }
      this.leaderId = next;
      return next;
    });
  }

  waitForLeader(options: RequestOptions): Promise<string> {
    return this.run(options, () => {
      this.onWait();
      if (this.leaderId === null) {
        throw new NoLeaderError('no leader');
      }
      return this.leaderId;
    });
  }

  configurationIndex = 0;
  events = [{ time: '2026-01-02T03:04:05.678Z', text: 'role leader in term 3, leader: node01' }];

  memberProgress(): Promise<readonly MemberProgress[] | null> {
    const own = { id: this.self.id, matchIndex: this.index, lastContactMs: 0, healthy: true };
    const known = this.leaderId === this.self.id ? [own] : null;
    return Promise.resolve(this.progress === undefined ? known : this.progress);
  }

  storageSizes(): Promise<StorageSizes> {
    return Promise.resolve(this.sizes);
  }

  status(): RaftStatus {
    const leads = this.leaderId === this.self.id;
    return {
      nodeId: this.self.id,
      instanceId: this.self.instanceId,
      clusterId: 'cluster-1',
      phase: this.phase,
      role: leads ? 'leader' : 'follower',
      term: 3,
      leaderId: this.leaderId,
      commitIndex: this.index,
      appliedIndex: this.index,
      lagEntries: this.lagEntries,
      firstLogIndex: 1,
      lastLogIndex: this.index,
      durableIndex: this.index,
      durableTerm: 3,
      snapshotIndex: 0,
      logBytes: 0,
      revision: this.store.revision(),
      checksum: this.store.checksum(),
      lastContactMs: this.lastContactMs,
      configuration: this.configuration,
      configurationIndex: this.configurationIndex,
      exclusion: this.exclusion,
      isStorageStalled: this.isStorageStalled,
      isStorageFull: false,
      failure: this.failure,
      findings: this.findings,
    };
  }

  get lastContactMs(): number | null {
    return this.leaderId === this.self.id ? 0 : this.leaderId === null ? null : 12.4;
  }

  private run<Result>(options: RequestOptions, action: () => Result): Promise<Result> {
    return this.gate.then(() => {
      this.lastTimeoutMs = options.timeoutMs;
      const { failWith } = this;
      this.failWith = null;
      if (failWith !== null) {
        throw failWith;
      }
      return action();
    });
  }
}
