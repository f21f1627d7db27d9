import { randomInt } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Settings } from '../config/settings.js';
import { Random } from '../lib/random.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../ports/clock.port.js';
import type { FreeSpace } from '../ports/free-space.port.js';
import type { PeerTransport } from '../ports/peer-transport.port.js';
import type { StateMachine } from '../ports/state-machine.port.js';
import type { Divergence, NodeId, StatusChange } from '../raft/index.js';
import { proposalOrigin, RaftCore } from '../raft/index.js';
import { coreConfig, loopLimits } from './consensus-options.js';
import { countChange } from './count-change.js';
import { describeChange, isRoutine } from './describe-change.js';
import { describeDivergence } from './describe-divergence.js';
import type { EventLog } from './event-log.js';
import { Gathering } from './gathering.js';
import { NodeEffects } from './node-effects.js';
import type { RaftInput } from './raft-input.js';
import { RaftLoop } from './raft-loop.js';
import type { RecoveredNode, Stores } from './recovery.js';
import { SnapshotWorker } from './snapshot-worker.js';
import { StorageWatch } from './storage-watch.js';
import { Ticker } from './ticker.js';

/** What a node is made of. */
export interface NodeParts {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly transport: PeerTransport;
  readonly stateMachine: StateMachine;
  readonly clock: Clock;
  readonly freeSpace: FreeSpace;
  readonly events: EventLog;
  readonly metrics: Metrics;
  /** Called once when the node can no longer be trusted or can no longer write: the process must stop. */
  readonly onFailure: (error: Error) => void;
}

/** Callers whose time is over are told so at this interval, in milliseconds. */
const expireIntervalMs = 50;

/** The loop of one node, wired to its stores, its peers and the clock, from recovery to the end of the process. */
export class RaftNode {
  readonly core: RaftCore;
  readonly loop: RaftLoop;
  private readonly logger = new Logger('Raft');
  private readonly timer: NodeJS.Timeout;
  private readonly storageWatch: StorageWatch;
  private readonly gathering: Gathering;
  private isStopped = false;
  private nextExpiryMs = 0;
  private readonly watchers = new Set<() => void>();
  private last: StatusChange | null = null;

  constructor(
    private readonly parts: NodeParts,
    recovered: RecoveredNode,
  ) {
    const { settings, stateMachine, clock } = parts;
    const { identity, durable } = recovered;
    const config = coreConfig(settings, identity, stateMachine);
    this.core = new RaftCore(config, new Random(randomInt(2 ** 32)), durable);
    this.loop = new RaftLoop({
      core: this.core,
      stateMachine,
      effects: this.makeEffects(),
      ticker: new Ticker(clock, settings.tickMs),
      origin: proposalOrigin(config),
      limits: loopLimits(settings, Math.random()),
    });
    this.gathering = new Gathering({
      nowMs: () => clock.nowMs(),
      waiting: () => this.loop.proposals.size + this.loop.reads.size,
      handOn: () => {
        this.submit({ type: 'flush' });
      },
      nextTurn: setImmediate,
    });
    parts.transport.onMessage((message) => {
      this.submit({ type: 'message', message });
    });
    this.submit({ type: 'tick' });
    this.timer = setInterval(() => {
      this.tick();
    }, settings.tickMs);
    this.storageWatch = new StorageWatch(parts.freeSpace, settings.storageReserveBytes, (isFull) => {
      this.submit({ type: 'storage', isFull });
    });
  }

  /** Gives the loop an input; an error of the loop is the end of the node. */
  submit(input: RaftInput): void {
    if (this.isStopped) {
      return;
    }
    try {
      this.loop.submit(input);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A caller waits: the loop gets to him together with others who come now. */
  scheduleFlush(): void {
    this.gathering.add();
  }

  /** Resolves when `condition` holds, looked at after each change of role, leader or members; false: time is over. */
  async waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) {
      return true;
    }
    return new Promise((resolve) => {
      const settle = (isMet: boolean): void => {
        this.watchers.delete(look);
        clearTimeout(timer);
        resolve(isMet);
      };
      const look = (): void => {
        if (condition()) {
          settle(true);
        }
      };
      const timer = setTimeout(settle, timeoutMs, false);
      this.watchers.add(look);
    });
  }

  /** Ends the node: callers get their answer, nothing more is taken in. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    this.storageWatch.stop();
    this.loop.proposals.close();
    this.loop.reads.close();
    this.loop.progress.close();
  }

  private tick(): void {
    this.submit({ type: 'tick' });
    const nowMs = this.parts.clock.nowMs();
    if (nowMs >= this.nextExpiryMs) {
      this.nextExpiryMs = nowMs + expireIntervalMs;
      this.loop.proposals.expire(nowMs);
      this.loop.reads.expire(nowMs);
      this.loop.progress.expire(nowMs);
    }
  }

  private makeEffects(): NodeEffects {
    const { stores, transport, stateMachine, freeSpace, settings, metrics } = this.parts;
    const submit = (input: RaftInput): void => {
      this.submit(input);
    };
    const fail = (error: unknown): void => {
      this.fail(error);
    };
    const room = { freeSpace, reserveBytes: settings.storageReserveBytes };
    const snapshots = new SnapshotWorker(stores.snapshots, stateMachine, { submit, fail, metrics }, room);
    const noteStatus = (change: StatusChange): void => {
      this.noteStatus(change);
    };
    const raiseAlarm = (divergence: Divergence): void => {
      this.logger.error(describeDivergence(divergence));
    };
    const endAlarm = (members: readonly NodeId[]): void => {
      this.logger.log(`the state of ${members.join(', ')} is no longer unlike that of the others`);
    };
    const reports = { submit, fail, noteStatus, raiseAlarm, endAlarm };
    return new NodeEffects({ log: stores.log, transport, snapshots, metrics, ...reports });
  }

  private noteStatus(change: StatusChange): void {
    const { last } = this;
    this.last = change;
    countChange(this.parts.metrics, last, change);
    if (last?.configuration !== change.configuration) {
      this.parts.transport.updatePeers(change.configuration);
    }
    const { events } = this.parts;
    for (const line of describeChange(last, change)) {
      if (isRoutine(last, change)) {
        events.mention(line);
      } else {
        events.note(line);
      }
    }
    for (const look of [...this.watchers]) {
      look();
    }
    this.scheduleFlush();
  }

  /** Ends the node over an error, once. */
  fail(cause: unknown): void {
    if (this.isStopped) {
      return;
    }
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.stop();
    this.parts.onFailure(error);
  }
}
