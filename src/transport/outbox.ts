import type { Message, MessageType } from '../raft/index.js';
import { Fifo } from './fifo.js';
import { estimateBytes } from './message-codec.js';
import type { PeerStats } from './peer-stats.js';

interface Waiting {
  readonly message: Message;
  readonly bytes: number;
  readonly sinceMs: number;
  /** Counts the messages, so that the two queues can be read as one. */
  readonly sequence: number;
}

export interface OutboxLimits {
  readonly bytesMax: number;
  readonly messagesMax: number;
  /** A message that waited longer is dropped when its turn comes. */
  readonly ageMaxMs: number;
}

/** What the next heartbeat says again: the first to go when there is no room. */
const repeated: ReadonlySet<MessageType> = new Set<MessageType>(['heartbeat', 'heartbeatResponse']);

/**
 * Messages that wait for their connection, in order and bounded.
 *
 * Where a limit is reached the oldest heartbeat goes, else the oldest message: Raft sends again what matters, and
 * what is newer says more.
 */
export class Outbox {
  private readonly heartbeats = new Fifo<Waiting>();
  private readonly others = new Fifo<Waiting>();
  private waitingBytes = 0;
  private sequence = 0;

  constructor(
    private readonly limits: OutboxLimits,
    private readonly stats: PeerStats,
  ) {}

  get length(): number {
    return this.heartbeats.length + this.others.length;
  }

  /** About how many bytes the waiting messages take on the wire. */
  get bytes(): number {
    return this.waitingBytes;
  }

  /** @param nowMs - Monotonic time, the same clock as for {@link Outbox.shift}. */
  push(message: Message, nowMs: number): void {
    const bytes = estimateBytes(message);
    this.sequence += 1;
    const queue = repeated.has(message.type) ? this.heartbeats : this.others;
    queue.push({ message, bytes, sinceMs: nowMs, sequence: this.sequence });
    this.waitingBytes += bytes;
    while (this.waitingBytes > this.limits.bytesMax || this.length > this.limits.messagesMax) {
      this.forget(this.heartbeats.shift() ?? this.others.shift());
      this.stats.countDropped('outboxFull');
    }
  }

  /** The message whose turn it is; undefined where none waits. */
  shift(nowMs: number): Message | undefined {
    this.expire(nowMs);
    const next = this.oldestQueue().shift();
    this.forget(next);
    return next?.message;
  }

  /** Drops what waited too long. */
  expire(nowMs: number): void {
    for (const queue of [this.heartbeats, this.others]) {
      while (nowMs - (queue.peek()?.sinceMs ?? nowMs) > this.limits.ageMaxMs) {
        this.forget(queue.shift());
        this.stats.countDropped('stale');
      }
    }
  }

  /** Drops everything. */
  clear(): void {
    this.stats.countDropped('closed', this.length);
    this.heartbeats.clear();
    this.others.clear();
    this.waitingBytes = 0;
  }

  private oldestQueue(): Fifo<Waiting> {
    const heartbeat = this.heartbeats.peek()?.sequence ?? Infinity;
    const other = this.others.peek()?.sequence ?? Infinity;
    return heartbeat < other ? this.heartbeats : this.others;
  }

  private forget(waiting: Waiting | undefined): void {
    this.waitingBytes -= waiting?.bytes ?? 0;
  }
}
