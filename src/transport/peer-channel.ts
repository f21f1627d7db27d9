import type { LocalIdentity } from '../ports/peer-transport.port.js';
import type { Message } from '../raft/index.js';
import { Backoff } from './backoff.js';
import { DialledClient } from './dialled-client.js';
import type { FrameSocket, LinkEnd } from './frame-socket.js';
import { diallerHandshake } from './handshake.js';
import type { ChannelKind } from './hello.js';
import { encodeMessage, isKnownTo } from './message-codec.js';
import { Outbox } from './outbox.js';
import type { PeerTarget } from './peer-directory.js';
import type { PeerStats } from './peer-stats.js';
import {
  dialBackoffFirstMs,
  outboxAgeMaxMs,
  outboxMessagesMax,
  socketBytesMax,
  stableAfterMs,
} from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/** What all connections that this node dials have in common. */
export interface DialContext {
  readonly own: LocalIdentity & { readonly clusterId: string };
  readonly options: TransportOptions;
  readonly stats: PeerStats;
  /** Takes the packets that arrive on a dialled connection. */
  readonly receive: (link: FrameSocket, packet: unknown) => void;
}

export interface ChannelSetup {
  readonly kind: ChannelKind;
  readonly target: PeerTarget;
  /** Null: dials and stays connected all the time. Else: dials for a message, and closes after so long without one. */
  readonly idleMs: number | null;
  readonly onUp: () => void;
  readonly onDown: (end: LinkEnd) => void;
  readonly onTooLong: (message: Message, bytes: number) => void;
}

/**
 * One connection to one peer, dialled again whenever it is lost.
 *
 * ```
 *   idle --message--> dialling --greeted--> up
 *     ^                  |  ^                |
 *     |                fails pause over    lost
 *   nothing              v  |                v
 *   waits, and idleMs  pausing <-------------+
 * ```
 */
export class PeerChannel {
  private state: 'idle' | 'dialling' | 'up' | 'pausing' | 'closed' = 'idle';
  private client: DialledClient | null = null;
  private timer: NodeJS.Timeout | null = null;
  private upSinceMs = 0;
  private lastUsedMs = 0;
  private readonly backoff: Backoff;
  private readonly outbox: Outbox;

  constructor(
    private readonly context: DialContext,
    private readonly setup: ChannelSetup,
  ) {
    const { options, stats } = context;
    this.backoff = new Backoff({ firstMs: dialBackoffFirstMs, maxMs: options.dialBackoffMaxMs });
    this.outbox = new Outbox(
      { bytesMax: options.outboxBytesMax, messagesMax: outboxMessagesMax, ageMaxMs: outboxAgeMaxMs },
      stats,
    );
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  /** Whether it waits between two dials. */
  get isFailing(): boolean {
    return this.state === 'pausing';
  }

  /** Dials, where nothing else has made it so. */
  start(): void {
    if (this.state === 'idle') {
      this.dial();
    }
  }

  /** Sends the message now, or once the connection is up again; drops it where that takes too long. */
  send(message: Message): void {
    if (this.state === 'closed') {
      this.context.stats.countDropped('closed');
      return;
    }
    this.lastUsedMs = performance.now();
    this.outbox.push(message, this.lastUsedMs);
    this.start();
    this.flush();
  }

  /** The peer is known to be there again: dials at once instead of waiting for the end of a pause. */
  wake(): void {
    this.backoff.reset();
    if (this.state === 'pausing') {
      this.dial();
    }
  }

  /** Sends what was handed to the connection, drops the rest and closes. Resolves when it is closed. */
  async close(): Promise<void> {
    this.state = 'closed';
    this.stopTimer();
    this.outbox.clear();
    const link = this.client?.link;
    // Nest hands messages to the socket in a later turn: those of this one go out before the end.
    await new Promise((resolve) => setImmediate(resolve));
    await link?.finish();
  }

  private dial(): void {
    const { options, own, stats } = this.context;
    this.state = 'dialling';
    const client = new DialledClient(
      this.setup.target.address,
      {
        role: 'dialled',
        handshake: diallerHandshake(own, this.setup.target, this.setup.kind),
        owner: {
          opened: () => {
            this.opened();
          },
          ended: (_link, end) => {
            this.ended(end);
          },
        },
        options,
        stats,
      },
      {
        received: (link, packet) => {
          this.lastUsedMs = performance.now();
          this.context.receive(link, packet);
        },
        sent: () => {
          this.flush();
        },
      },
    );
    this.client = client;
    this.startTimer(options.dialTimeoutMs, () => client.link?.destroy({ kind: 'error', code: 'ETIMEDOUT' }));
    client.dial();
  }

  private opened(): void {
    if (this.state !== 'dialling') {
      return;
    }
    this.stopTimer();
    this.state = 'up';
    this.upSinceMs = performance.now();
    this.lastUsedMs = this.upSinceMs;
    if (this.setup.idleMs !== null) {
      this.watchIdle(this.setup.idleMs);
    }
    this.flush();
    this.setup.onUp();
  }

  private ended(end: LinkEnd): void {
    this.client = null;
    if (this.state === 'closed') {
      return;
    }
    this.stopTimer();
    const nowMs = performance.now();
    if (this.state === 'up' && nowMs - this.upSinceMs >= stableAfterMs) {
      this.backoff.reset();
    }
    this.outbox.expire(nowMs);
    if (this.setup.idleMs !== null && this.outbox.length === 0) {
      this.state = 'idle';
    } else {
      this.state = 'pausing';
      this.startTimer(this.backoff.nextMs(), () => {
        this.dial();
      });
    }
    this.setup.onDown(end);
  }

  /** Keeps little in the socket, so that a message behind a slow connection can still be dropped. */
  private flush(): void {
    const nowMs = performance.now();
    while (this.state === 'up' && this.client !== null && this.client.unsentBytes < socketBytesMax) {
      const message = this.outbox.shift(nowMs);
      if (message === undefined) {
        return;
      }
      if (!this.isUnderstood(message)) {
        this.context.stats.countDropped('olderPeer');
        continue;
      }
      const payload = encodeMessage(message);
      if (payload.length > this.context.options.frameBytesMax) {
        this.setup.onTooLong(message, payload.length);
        continue;
      }
      this.client.post(payload);
    }
  }

  private isUnderstood({ type }: Message): boolean {
    const peer = this.client?.link?.peer;
    return peer !== null && peer !== undefined && isKnownTo(peer.versions, type);
  }

  private watchIdle(idleMs: number): void {
    const leftMs = this.lastUsedMs + idleMs - performance.now();
    if (leftMs <= 0) {
      void this.client?.link?.finish();
      return;
    }
    this.startTimer(leftMs, () => {
      this.watchIdle(idleMs);
    });
  }

  /** One timer at a time: for the dial, the pause or the idle connection. */
  private startTimer(afterMs: number, action: () => void): void {
    this.stopTimer();
    this.timer = setTimeout(action, afterMs);
  }

  private stopTimer(): void {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
  }
}
