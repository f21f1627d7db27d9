import type { Caller, PendingProposals } from '../../src/consensus/pending-proposals.js';
import type { RaftInput } from '../../src/consensus/raft-input.js';
import { RaftLoop } from '../../src/consensus/raft-loop.js';
import { Ticker } from '../../src/consensus/ticker.js';
import { proposalOrigin } from '../../src/raft/index.js';
import type { CoreConfig, LogIndex, NodeId, ReadConfirmation, Role, StatusChange } from '../../src/raft/index.js';
import type { RaftState } from '../../src/raft/raft-state.js';
import type { IdempotencyLimits } from '../../src/state-machine/index.js';
import { checkBounds, checkWaiting } from './checkers/bounds.js';
import { NodeWatch } from './checkers/node-watch.js';
import { shuffled, uniform } from './draw.js';
import { SimClock } from './sim-clock.js';
import type { SimDisk } from './sim-disk.js';
import { SimEffects } from './sim-effects.js';
import { SimStateMachine } from './sim-state-machine.js';
import type { SimWorld } from './sim-world.js';
import { SnapshotWork } from './snapshot-work.js';
import { StoreQueue } from './store-queue.js';
import { WatchedCore } from './watched-core.js';

/** What callers ask to be replicated. */
export type ProposalContent = Parameters<PendingProposals['add']>[0];

/** The machine that a process runs on. */
interface Machine {
  readonly disk: SimDisk;
  readonly clockRate: number;
  readonly wallOffsetMs: number;
}

/** Thrown at the border of an effect: the process ends right there. */
class CrashNow extends Error {}

/** Inputs that wait for a paused process; more are lost, as from the full buffers of its sockets. */
const backlogMax = 300;

/** One start of a node, from recovery to its end: the real core and loop on simulated disk, clock and network. */
export class SimProcess {
  readonly core: WatchedCore;
  readonly loop: RaftLoop;
  readonly clock: SimClock;
  readonly stateMachine: SimStateMachine;
  phase: 'running' | 'paused' | 'gone' = 'running';
  private readonly log: StoreQueue;
  private readonly snapshots: SnapshotWork;
  private readonly snapshotQueue: StoreQueue;
  private readonly watch: NodeWatch;
  private readonly backlog: (() => void)[] = [];
  private completions: (() => void)[] = [];
  private isFlushScheduled = false;
  /** Effects until the process crashes; null: it does not. */
  private effectsLeft: number | null = null;
  private lastRole: Role = 'follower';

  readonly disk: SimDisk;

  /** @param onCrash - Called when the process ends by itself: in the middle of a step, or because of its disk. */
  constructor(
    readonly world: SimWorld,
    private readonly machine: Machine,
    private readonly onCrash: (process: SimProcess) => void,
  ) {
    const { parameters, timeline, temper, coverage, random } = world;
    const { disk, clockRate } = machine;
    this.disk = disk;
    disk.bootNumber += 1;
    const stores = { timeline, coverage, random: random.disk };
    const fail = (): void => {
      this.onCrash(this);
    };
    this.clock = new SimClock(timeline, clockRate);
    this.log = new StoreQueue(stores, temper, fail);
    this.snapshotQueue = new StoreQueue(stores, temper, fail);
    this.stateMachine = new SimStateMachine(idempotencyLimits(parameters), parameters.loop.snapshotChunkBytes);
    this.restoreState();
    const config = this.coreConfig();
    this.core = new WatchedCore(config, random.node.fork(), disk.durable);
    this.snapshots = new SnapshotWork({ disk, queue: this.snapshotQueue }, this.stateMachine, {
      whenRunning: this.whenRunning,
      submit: this.submit,
    });
    this.watch = new NodeWatch(world.watch, disk, { state: this.core.state, stateMachine: this.stateMachine });
    this.core.onReady = (ready) => {
      this.watch.noteReady(ready);
      checkBounds(this.core.state, ready);
      if (ready.reads.some((outcome) => outcome.readIndex === null)) {
        coverage.add('readsLoseLeader');
      }
    };
    this.stateMachine.onApplied = (command) => {
      this.watch.noteApplied(command);
    };
    this.loop = this.makeLoop(proposalOrigin(config));
    this.submit({ type: 'tick' });
    this.scheduleTick();
  }

  get nodeId(): NodeId {
    return this.disk.nodeId;
  }

  get state(): RaftState {
    return this.core.state;
  }

  /** Index up to which the state machine shows the log between two inputs. */
  get appliedIndex(): LogIndex {
    return this.core.state.applyingIndex;
  }

  get isReceivingSnapshot(): boolean {
    return this.snapshots.isReceiving;
  }

  /** Gives the loop an input; waits while the process is paused. */
  readonly submit = (input: RaftInput): void => {
    this.whenRunning(() => {
      this.world.wallClock.offsetMs = this.machine.wallOffsetMs;
      try {
        this.loop.submit(input);
        this.afterInput(input);
      } catch (error) {
        if (!(error instanceof CrashNow)) {
          throw error;
        }
        this.world.coverage.add('crashInsideStep');
        this.onCrash(this);
      }
    });
  };

  /** A message arrives; a paused process takes in so many and no more. */
  deliver(input: Extract<RaftInput, { type: 'message' }>): void {
    if (this.phase === 'paused' && this.backlog.length >= backlogMax) {
      this.world.coverage.add('messageLost');
      return;
    }
    this.submit(input);
  }

  propose(content: ProposalContent, caller: Caller<unknown>, timeoutMs: number): void {
    this.whenRunning(() => {
      this.loop.proposals.add(content, caller, this.clock.nowMs() + timeoutMs);
      this.scheduleFlush();
    });
  }

  read(confirmation: ReadConfirmation, caller: Caller<void>, timeoutMs: number): void {
    this.whenRunning(() => {
      this.loop.reads.add(confirmation, caller, this.clock.nowMs() + timeoutMs);
      this.scheduleFlush();
    });
  }

  /** Runs as soon as the process can do anything: a read that needs no confirmation. */
  readStale(show: () => void): void {
    this.whenRunning(show);
  }

  /** Runs once the input at hand is taken in, as the continuation of a promise would. */
  afterTurn(run: () => void): void {
    this.completions.push(run);
  }

  /** Ends the process after `effects` more effects, in the middle of a step. */
  crashAfter(effects: number): void {
    this.effectsLeft = effects;
  }

  /** Everything works from now on: the clock is right, the disk is quick and no crash is to come. */
  heal(): void {
    this.effectsLeft = null;
    this.clock.rate = 1;
    this.log.hurry();
    this.snapshotQueue.hurry();
    this.resume();
  }

  /** The process is gone; what was not durable is lost, or a part of it. */
  crash(): void {
    this.phase = 'gone';
    this.log.crash();
    this.snapshotQueue.crash();
  }

  /** Ends in good order: callers get an answer, what was started is written. */
  stop(): void {
    this.loop.proposals.close();
    this.loop.reads.close();
    this.phase = 'gone';
    this.log.drain();
    this.snapshotQueue.drain();
  }

  pause(): void {
    this.phase = 'paused';
  }

  /** Goes on; what waited on its sockets and for its disk comes in any order where there is disorder at all. */
  resume(): void {
    if (this.phase !== 'paused') {
      return;
    }
    this.phase = 'running';
    const waiting = this.backlog.splice(0);
    const { parameters, random } = this.world;
    for (const run of parameters.faults.has('disorder') ? shuffled(random.node, waiting) : waiting) {
      this.whenRunning(run);
    }
  }

  private readonly whenRunning = (run: () => void): void => {
    if (this.phase === 'running') {
      run();
    } else if (this.phase === 'paused') {
      this.backlog.push(run);
    }
  };

  private afterInput(input: RaftInput): void {
    if (input.type === 'snapshotReceived') {
      this.world.coverage.add('snapshotInstalled');
      this.note('installed', input.metadata.lastIncludedIndex);
    } else if (input.type === 'snapshotTaken') {
      this.world.coverage.add('snapshotTaken');
      this.note('snapshot', input.metadata.lastIncludedIndex);
    }
    const { completions } = this;
    this.completions = [];
    for (const complete of completions) {
      complete();
    }
  }

  private scheduleTick(): void {
    const { timeline, random, parameters } = this.world;
    const jitterMs = random.node.chance(0.1) ? uniform(random.node, { from: 0, until: 3 }) : 0;
    timeline.after(parameters.timing.tickMs / this.clock.rate + jitterMs, () => {
      if (this.phase === 'running') {
        this.submit({ type: 'tick' });
        this.expire();
      }
      if (this.phase !== 'gone') {
        this.scheduleTick();
      }
    });
  }

  private expire(): void {
    const nowMs = this.clock.nowMs();
    const { proposals, reads } = this.loop;
    checkWaiting(this.nodeId, { proposals: proposals.size, reads: reads.size }, this.world.parameters.loop);
    proposals.expire(nowMs);
    reads.expire(nowMs);
  }

  private scheduleFlush(): void {
    if (!this.isFlushScheduled) {
      this.isFlushScheduled = true;
      this.world.timeline.after(0.05, () => {
        this.isFlushScheduled = false;
        this.submit({ type: 'flush' });
      });
    }
  }

  private noteStatus(change: StatusChange): void {
    if (change.role !== this.lastRole) {
      this.lastRole = change.role;
      this.note(`is ${change.role}`, change.term);
    }
    this.scheduleFlush();
  }

  private note(what: string, detail: number | string): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node: this.nodeId, what, detail });
  }

  private restoreState(): void {
    const snapshot = this.disk.latestSnapshot;
    if (snapshot === undefined) {
      return;
    }
    const restore = this.stateMachine.startRestore();
    for (const chunk of snapshot.chunks) {
      restore.add(chunk);
    }
    restore.finish();
    this.stateMachine.lastIndex = snapshot.metadata.lastIncludedIndex;
  }

  private coreConfig(): CoreConfig {
    const { timing, core } = this.world.parameters;
    const { nodeId, instanceId, bootNumber } = this.disk;
    const mayUseReserve = (command: Uint8Array): boolean => this.stateMachine.mayUseReserve(command);
    return { nodeId, instanceId, bootNumber, mayUseReserve, ...timing, ...core };
  }

  private makeLoop(origin: string): RaftLoop {
    const { parameters } = this.world;
    const {
      proposalsPendingMax,
      readsPendingMax,
      writeBatchBytesMax,
      applySliceMax,
      checksumIntervalTicks,
      ...snapshot
    } = parameters.loop;
    const { logBytesMax } = parameters.core;
    return new RaftLoop({
      core: this.core,
      stateMachine: this.stateMachine,
      effects: this.makeEffects(),
      ticker: new Ticker(this.clock, parameters.timing.tickMs),
      origin,
      limits: {
        proposalsPendingMax,
        proposalsPendingBytesMax: logBytesMax / 2,
        readsPendingMax,
        writeBatchBytesMax,
        applySliceMax,
        checksumIntervalTicks,
        snapshot: {
          entries: snapshot.snapshotEntries,
          bytes: logBytesMax / 2,
          statePart: 1 / 8,
          keepEntries: snapshot.keepEntries,
          logBytesMax,
        },
      },
    });
  }

  private makeEffects(): SimEffects {
    const { world, disk, log, snapshots, submit, whenRunning } = this;
    return new SimEffects({
      world,
      disk,
      log,
      snapshots,
      watch: () => this.watch,
      onSnapshotWork: () => {
        this.maybeCrashSoon();
      },
      beforeEffect: () => {
        this.beforeEffect();
      },
      submitSoon: (input) => {
        world.timeline.after(uniform(world.random.node, { from: 0.05, until: 1 }), () => {
          submit(input);
        });
      },
      whenRunning,
      submit,
      noteStatus: (change) => {
        this.noteStatus(change);
      },
    });
  }

  /** The moments around a snapshot are short: without this few crashes would meet them. */
  private maybeCrashSoon(): void {
    const { parameters, temper, random } = this.world;
    if (parameters.faults.has('crash') && !temper.isHealed && random.node.chance(0.05)) {
      this.crashAfter(random.node.between({ from: 0, until: 6 }));
    }
  }

  private beforeEffect(): void {
    if (this.effectsLeft === null) {
      return;
    }
    if (this.effectsLeft === 0) {
      throw new CrashNow();
    }
    this.effectsLeft -= 1;
  }
}

/** What is remembered of answers; clients are given the time, the store the limits. */
export function idempotencyLimits({ workload }: SimWorld['parameters']): IdempotencyLimits & { retentionMs: number } {
  return { retentionMs: workload.idempotencyRetentionMs, entriesMax: 1_000, bytesMax: 1_000_000 };
}
