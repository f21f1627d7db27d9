import type { Random } from '../lib/random.js';
import type { CoreConfig } from './core-config.js';
import { RaftLog } from './log/raft-log.js';
import type { Configuration } from './membership/configuration.js';
import type { Message } from './messages.js';
import { ForwardedReads, LeaderReads } from './read/read-index.js';
import type { ComparisonStep, ProgressOutcome, ProposalOutcome, ReadOutcome, SnapshotTask } from './ready.js';
import { ForwardLedger } from './replication/forward-ledger.js';
import type { Progress } from './replication/progress.js';
import type { SnapshotMetadata } from './snapshot-metadata.js';
import type { Entry, HardState, LogIndex, NodeId, Role, RoleReason, Term } from './types.js';

/** What a restart found. */
export interface DurableState {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata | null;
  readonly entries: readonly Entry[];
}

/** A message without what every message of this node carries. */
export type OutgoingMessage = Message extends infer Each
  ? Each extends Message
    ? Omit<Each, 'from' | 'fromInstance' | 'term'> & { readonly term?: Term }
    : never
  : never;

/** A snapshot that this follower receives (Raft paper §7). */
export interface ReceivingSnapshot {
  readonly from: NodeId;
  readonly term: Term;
  readonly metadata: SnapshotMetadata;
  nextChunk: number;
  /** A chunk is being stored; others are turned away until it is. */
  isStoring: boolean;
  /** All chunks are stored and the state is being replaced: the log must not move. */
  isInstalling: boolean;
}

/** Leadership is being handed to `target` (Ongaro 2014 §3.10). */
export interface LeaderTransfer {
  readonly target: NodeId;
  readonly sinceTick: number;
  isTimeoutNowSent: boolean;
}

/** Every variable of Figure 2, and the outbox. The functions of this folder are its methods. */
export class RaftState {
  // Persistent on all servers.
  currentTerm: Term;
  votedFor: NodeId | null;
  readonly log: RaftLog;

  // Volatile on all servers.
  role: Role = 'follower';
  roleReason: RoleReason = 'started';
  leaderId: NodeId | null = null;
  commitIndex: LogIndex;
  /** Highest commit index that a leader told of; entries up to it may not be here yet. */
  heardCommitIndex: LogIndex = 0;
  /** Highest index whose effect is in the state machine. */
  lastApplied: LogIndex;
  /** Highest index that was handed out for applying. */
  applyingIndex: LogIndex;

  // Time, in ticks since the process began.
  now = 0;
  /** When a leader was last heard, a vote was given or a campaign began. */
  electionTimerTick = 0;
  electionDeadlineTicks = 0;
  /** When a leader was last heard; null: not since the start. */
  leaderHeardTick: number | null = null;
  heartbeatTick = 0;
  quorumCheckTick = 0;
  commitPersistTick = 0;
  /** Less than the reserve of storage is free on this node. */
  isStorageFull = false;
  /** When this node last tried to hand leadership over for want of storage; null: never. */
  reliefTick: number | null = null;

  // Candidates.
  readonly votes = new Map<NodeId, boolean>();
  /** The own vote counts once this write is durable. */
  ownVoteWrite: number | null = null;

  // Leaders.
  readonly progress = new Map<NodeId, Progress>();
  readonly leaderReads = new LeaderReads();
  /** Number of the last heartbeat round; grows through all terms of this process. */
  round = 0;
  readonly roundTicks = new Map<number, number>();
  transfer: LeaderTransfer | null = null;
  /** Tick and time of the log when this node became leader. */
  leaderClock = { tick: 0, timeMs: 0 };
  readonly forwardLedger = new ForwardLedger();

  // Followers.
  readonly forwardedReads: ForwardedReads;
  receiving: ReceivingSnapshot | null = null;
  /** Time of the last entry of the log, kept over compaction. */
  lastEntryTimeMs: number;

  // Outbox: taken by the next Ready.
  messages: Message[] = [];
  messagesAfterWrite: Message[] = [];
  proposalOutcomes: ProposalOutcome[] = [];
  readOutcomes: ReadOutcome[] = [];
  progressOutcomes: ProgressOutcome[] = [];
  snapshotTasks: SnapshotTask[] = [];
  comparisonSteps: ComparisonStep[] = [];
  handedHardState: HardState;

  constructor(
    readonly config: CoreConfig,
    readonly random: Random,
    durable: DurableState,
  ) {
    this.forwardedReads = new ForwardedReads(config.bootNumber);
    this.log = new RaftLog(durable.snapshot, durable.entries);
    // A snapshot can be durable before the term of its last entry is: no vote was given in that term then.
    this.currentTerm = Math.max(durable.hardState.currentTerm, durable.snapshot?.lastIncludedTerm ?? 0);
    this.votedFor = this.currentTerm > durable.hardState.currentTerm ? null : durable.hardState.votedFor;
    const snapshotIndex = this.log.snapshotIndex;
    this.commitIndex = Math.max(durable.hardState.commitIndex, snapshotIndex);
    this.lastApplied = snapshotIndex;
    this.applyingIndex = snapshotIndex;
    this.lastEntryTimeMs = this.log.entry(this.log.lastIndex)?.timeMs ?? durable.snapshot?.lastIncludedTimeMs ?? 0;
    this.handedHardState = durable.hardState;
    this.resetElectionTimer();
    if (this.isVoter && this.configuration.voterIds.length === 1) {
      // A sole voter has nobody to wait for.
      this.electionDeadlineTicks = 0;
    }
  }

  get configuration(): Configuration {
    return this.log.configuration;
  }

  /** Whether this node, on this data directory, is a voter of the configuration in use. */
  get isVoter(): boolean {
    const { nodeId, instanceId } = this.config;
    return this.configuration.isVoter(nodeId) && this.configuration.knows(nodeId, instanceId);
  }

  /**
   * Whether this node may campaign: a voter, or one that a change leaves out which is not known to be committed. The
   * others may need it as a leader to commit that change; it then counts in no quorum (Ongaro 2014 §4.2.2).
   */
  get mayCampaign(): boolean {
    const { log, commitIndex, config } = this;
    if (this.isVoter || log.configurationIndex <= commitIndex) {
      return this.isVoter;
    }
    const committed = log.configurationAsOf(commitIndex);
    return committed.isVoter(config.nodeId) && committed.knows(config.nodeId, config.instanceId);
  }

  get isLeader(): boolean {
    return this.role === 'leader';
  }

  /** Whether the leader committed an entry of its own term, so that its commit index is no longer behind. */
  get hasCommittedInTerm(): boolean {
    return this.log.termAt(this.commitIndex) === this.currentTerm;
  }

  /** Whether a leader was heard within the shortest election timeout, or this node leads (§4.2.3). */
  get hearsLeader(): boolean {
    if (!this.config.checkQuorum || this.leaderId === null) {
      return false;
    }
    return this.isLeader || this.now - this.electionTimerTick < this.config.electionTimeoutTicks;
  }

  /** How long the storage has not finished a write that it was given, in ticks; 0 where it owes nothing. */
  get storageDelayTicks(): number {
    const { oldestTick } = this.log.writes;
    return oldestTick === null ? 0 : this.now - oldestTick;
  }

  /** The storage takes longer than an election timeout: a node like that can neither vote nor win. */
  get isStorageStalled(): boolean {
    return this.storageDelayTicks >= this.config.electionTimeoutTicks;
  }

  /** Entries known to be committed that this node has not handed out for applying yet. */
  get lagEntries(): number {
    return Math.max(this.heardCommitIndex, this.commitIndex) - this.applyingIndex;
  }

  get otherMembers(): NodeId[] {
    return this.configuration.members.map((member) => member.id).filter((id) => id !== this.config.nodeId);
  }

  /** Hands a message out; it may leave before anything that this input changed is durable. */
  send(message: OutgoingMessage): void {
    this.messages.push(this.complete(message));
  }

  /** Hands a message out that leaves once everything up to now is durable. */
  sendAfterWrite(message: OutgoingMessage): void {
    this.messagesAfterWrite.push(this.complete(message));
  }

  /** Starts the election timer anew, with a timeout drawn from [T, 2T). */
  resetElectionTimer(): void {
    const { electionTimeoutTicks } = this.config;
    this.electionTimerTick = this.now;
    this.electionDeadlineTicks = this.random.between({ from: electionTimeoutTicks, until: 2 * electionTimeoutTicks });
  }

  private complete(message: OutgoingMessage): Message {
    const { nodeId, instanceId } = this.config;
    return { term: this.currentTerm, ...message, from: nodeId, fromInstance: instanceId };
  }
}
