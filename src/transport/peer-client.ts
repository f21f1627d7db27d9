import type { Logger } from '@nestjs/common';
import { formatAddress } from '../lib/address.js';
import type { Message } from '../raft/index.js';
import type { LinkEnd } from './frame-socket.js';
import type { ChannelKind } from './hello.js';
import { refusalTexts } from './link-fault.js';
import { PeerChannel } from './peer-channel.js';
import type { DialContext } from './peer-channel.js';
import type { PeerTarget } from './peer-directory.js';
import type { QuietLog } from './quiet-log.js';
import { bulkIdleMs } from './transport-options.js';

/** A peer that does not take part for longer has lost its data or waits in vain, in milliseconds. */
const PATIENCE_MS = 10_000;

export interface PeerLogs {
  readonly logger: Logger;
  readonly quiet: QuietLog;
}

/** The connections that this node keeps to one peer, and one line in the log whenever that peer comes or goes. */
export class PeerClient {
  private readonly channels: Readonly<Record<ChannelKind, PeerChannel>>;
  /** What the log said last: `up`, or the kind of trouble. */
  private logged: string | null = null;
  private failedDials = 0;
  /** Since when the peer says that it does not take part yet, as one that joins or starts does; null: it does not say so. */
  private awaitedSinceMs: number | null = null;

  constructor(
    private readonly context: DialContext,
    readonly target: PeerTarget,
    private readonly logs: PeerLogs,
  ) {
    this.channels = { raft: this.raftChannel(), bulk: this.bulkChannel() };
    this.publish('dialling', null);
    this.channels.raft.start();
  }

  isUp(kind: ChannelKind): boolean {
    return this.channels[kind].isUp;
  }

  /** Whether the last attempt to connect failed and the next one is still to come. */
  isFailing(kind: ChannelKind): boolean {
    return this.channels[kind].isFailing;
  }

  send(kind: ChannelKind, message: Message): void {
    this.channels[kind].send(message);
  }

  /** The peer has just shown that it is there. */
  wake(): void {
    this.channels.raft.wake();
    this.channels.bulk.wake();
  }

  /** Resolves when both connections are closed. */
  async close(): Promise<void> {
    this.context.stats.peers.delete(this.target.nodeId);
    await Promise.all([this.channels.raft.close(), this.channels.bulk.close()]);
  }

  private raftChannel(): PeerChannel {
    return new PeerChannel(this.context, {
      kind: 'raft',
      target: this.target,
      idleMs: null,
      onUp: () => {
        this.cameUp();
      },
      onDown: (end) => {
        this.wentDown(end);
      },
      onTooLong: (message, bytes) => {
        this.tooLong(message, bytes);
      },
    });
  }

  private bulkChannel(): PeerChannel {
    return new PeerChannel(this.context, {
      kind: 'bulk',
      target: this.target,
      idleMs: bulkIdleMs,
      onUp: () => undefined,
      onDown: () => undefined,
      onTooLong: (message, bytes) => {
        this.tooLong(message, bytes);
      },
    });
  }

  private cameUp(): void {
    this.failedDials = 0;
    this.awaitedSinceMs = null;
    this.publish('up', null);
    this.logChange('up', `peer ${this.name} is up`);
  }

  private wentDown(end: LinkEnd): void {
    this.failedDials += 1;
    const reason = endText(end);
    this.publish('down', reason);
    if (this.isAwaited(end)) {
      this.logChange('awaited', `peer ${this.name} does not take part yet: ${reason}`);
      return;
    }
    // Two errors of the network are one kind of trouble: they may take turns.
    const kind = end.kind === 'refused' ? `refused ${end.reason}` : 'down';
    this.logChange(kind, `peer ${this.name} is down: ${reason}`);
  }

  private isAwaited(end: LinkEnd): boolean {
    if (end.kind !== 'refused' || end.reason !== 'noCluster') {
      return false;
    }
    const nowMs = performance.now();
    this.awaitedSinceMs ??= nowMs;
    return nowMs - this.awaitedSinceMs < PATIENCE_MS;
  }

  private logChange(kind: string, line: string): void {
    if (kind === this.logged) {
      return;
    }
    this.logged = kind;
    if (kind === 'up' || kind === 'awaited') {
      this.logs.logger.log(line);
    } else {
      this.logs.logger.warn(line);
    }
  }

  private tooLong(message: Message, bytes: number): void {
    const { stats, options } = this.context;
    stats.countDropped('tooLong');
    this.logs.quiet.warn(
      'tooLong',
      `${message.type} of ${bytes} bytes to peer ${this.name} is above frameBytesMax ${options.frameBytesMax}: dropped`,
    );
  }

  private publish(state: 'dialling' | 'up' | 'down', reason: string | null): void {
    const address = formatAddress(this.target.address);
    this.context.stats.peers.set(this.target.nodeId, { address, state, reason, failedDials: this.failedDials });
  }

  private get name(): string {
    return `${this.target.nodeId} at ${formatAddress(this.target.address)}`;
  }
}

function endText(end: LinkEnd): string {
  switch (end.kind) {
    case 'closed':
      return 'the connection was closed';
    case 'error':
      return end.code;
    case 'fault':
      return `the connection failed: ${end.fault}`;
    case 'refused':
      return refusalTexts[end.reason];
  }
}
