import type { Socket } from 'node:net';
import type { Type } from '@nestjs/common';
import { TcpSocket } from '@nestjs/microservices';
import { MalformedBytesError } from '../lib/bytes.js';
import type { NodeId } from '../raft/index.js';
import { FrameAssembler, frameHeader, frameHeaderBytes } from './frame-assembler.js';
import type { Handshake, Verdict } from './handshake.js';
import { helloBytesMax } from './hello.js';
import type { Hello } from './hello.js';
import type { LinkFault, RefusalReason } from './link-fault.js';
import { LinkProbe } from './link-probe.js';
import type { PeerStats } from './peer-stats.js';
import { closeGraceMs } from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/** The Nest pattern of every message of a peer. It reads as a number, so that Nest parses it at no cost. */
export const peerPattern = '1';

const keepAliveDelayMs = 5000;

/** A message as it travels through Nest on its way in. */
export interface InboundFrame {
  readonly link: FrameSocket;
  /** Memory of its own; views of it may be kept. */
  readonly payload: Uint8Array;
}

/** A message as it travels through Nest on its way out. */
export interface OutboundFrame {
  readonly payload: Uint8Array;
  /** Called once the kernel has taken the frame, or nobody will. */
  readonly onSent?: () => void;
}

/** Why a connection ended. `closed`: the other side, or this one, had no more use for it. */
export type LinkEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'fault'; readonly fault: LinkFault }
  | {
      readonly kind: 'refused';
      readonly by: 'us' | 'peer';
      readonly reason: RefusalReason;
      /** What the other side calls itself; null where it did not say. */
      readonly from: NodeId | null;
    };

/** Who has the connection. */
export interface LinkOwner {
  /** Both greetings were accepted; messages may follow. */
  opened(link: FrameSocket, peer: Hello): void;
  /** The connection is gone. Called once, also where it never opened. */
  ended(link: FrameSocket, end: LinkEnd): void;
}

export interface LinkSetup {
  readonly role: 'dialled' | 'accepted';
  readonly handshake: Handshake;
  readonly owner: LinkOwner;
  readonly stats: PeerStats;
  readonly options: TransportOptions;
}

/** A class whose constructor takes the socket alone, as Nest wants it. */
export function frameSocketClass(setup: (socket: Socket) => LinkSetup): Type<FrameSocket> {
  return class extends FrameSocket {
    constructor(socket: Socket) {
      super(socket, setup(socket));
    }
  };
}

/**
 * One connection between two nodes: binary frames below Nest's TCP transport.
 *
 * The first frame of either side is its greeting. Afterwards frames flow both ways; an empty one only shows that its
 * sender is alive. Reading is never paused, so two nodes that send much to each other cannot wait for one another.
 */
export class FrameSocket extends TcpSocket {
  /** The other side; null before its greeting was accepted. */
  peer: Hello | null = null;
  /** Bytes that were given to the socket and not yet taken by the kernel. */
  pendingBytes = 0;
  /** Address of the other side, for a log line; empty before the connection is up. */
  remote = '';
  private phase: 'greeting' | 'open' | 'closing' = 'greeting';
  private cause: LinkEnd | null = null;
  private readonly assembler = new FrameAssembler(helloBytesMax);
  private readonly probe: LinkProbe;
  private helloTimer: NodeJS.Timeout | null = null;
  private frameTimer: NodeJS.Timeout | null = null;
  private frameStartedMs: number | null = null;
  private closeTimer: NodeJS.Timeout | null = null;

  constructor(
    socket: Socket,
    private readonly setup: LinkSetup,
  ) {
    super(socket);
    this.probe = new LinkProbe(setup.role, {
      send: () => {
        this.write(new Uint8Array(0));
      },
      silent: () => {
        this.fail('silent');
      },
    });
    socket.on('error', (error: Error) => {
      this.cause ??= { kind: 'error', code: codeOf(error) };
    });
    socket.once('close', () => {
      this.closed();
    });
    if (setup.role === 'accepted') {
      this.begin();
    } else {
      socket.once('connect', () => {
        this.begin();
      });
    }
  }

  /** Whether messages may be sent and delivered. */
  get isOpen(): boolean {
    return this.phase === 'open';
  }

  /** Closes the connection because of what arrived on it, or did not, and counts that. */
  fail(fault: LinkFault): void {
    if (this.phase === 'closing') {
      return;
    }
    this.setup.stats.countFault(fault);
    this.destroy({ kind: 'fault', fault });
  }

  /** Closes the connection at once; `end` is what its owner learns. */
  destroy(end: LinkEnd = { kind: 'closed' }): void {
    this.cause ??= end;
    this.leave();
    this.socket.destroy();
  }

  /**
   * Closes the connection once what was handed over is sent, at the latest after {@link closeGraceMs}. Resolves when
   * it is closed.
   */
  async finish(lastFrame?: Uint8Array): Promise<void> {
    const { socket } = this;
    const isConnected = !socket.connecting && !socket.destroyed;
    this.leave();
    if (isConnected && lastFrame !== undefined) {
      this.write(lastFrame);
    }
    if (isConnected) {
      socket.end();
      this.closeTimer ??= setTimeout(() => socket.destroy(), closeGraceMs);
    } else {
      socket.destroy();
    }
    if (!socket.closed) {
      await new Promise((resolve) => socket.once('close', resolve));
    }
  }

  protected override handleSend(packet: { readonly data: OutboundFrame }): void {
    const { payload, onSent } = packet.data;
    const { stats, options } = this.setup;
    if (!this.isOpen || (this.pendingBytes > 0 && this.pendingBytes + payload.length > options.outboxBytesMax)) {
      stats.countDropped(this.isOpen ? 'outboxFull' : 'closed');
      onSent?.();
      return;
    }
    stats.framesSent += 1;
    stats.bytesSent += frameHeaderBytes + payload.length;
    this.write(payload, onSent);
  }

  protected override handleData(chunk: Buffer): void {
    if (this.phase === 'closing') {
      return;
    }
    this.probe.heard();
    const completedBefore = this.assembler.completed;
    const fault = this.assembler.push(chunk, (payload) => this.take(payload));
    if (fault !== null) {
      this.fail(this.phase === 'greeting' ? 'notAPeer' : fault);
      return;
    }
    this.watchFrame(this.assembler.completed !== completedBefore);
  }

  private begin(): void {
    this.remote = this.socket.remoteAddress ?? 'unknown';
    // Batches are made above; a frame that waits for the acknowledgement of the last one only costs time.
    this.socket.setNoDelay(true);
    this.socket.setKeepAlive(true, keepAliveDelayMs);
    this.helloTimer = setTimeout(() => {
      this.fail('helloTimeout');
    }, this.setup.options.helloTimeoutMs);
    const opening = this.setup.handshake.opening();
    if (opening !== null) {
      this.write(opening);
    }
  }

  /** Takes one frame; false where the connection is done for. */
  private take(payload: Uint8Array): boolean {
    if (this.phase === 'greeting') {
      this.greet(payload);
    } else if (payload.length > 0 && this.isOpen) {
      const { stats } = this.setup;
      stats.framesReceived += 1;
      stats.bytesReceived += frameHeaderBytes + payload.length;
      const data: InboundFrame = { link: this, payload };
      this.socket.emit('message', { pattern: peerPattern, data });
    }
    return this.isOpen;
  }

  private greet(firstFrame: Uint8Array): void {
    let verdict: Verdict;
    try {
      verdict = this.setup.handshake.judge(firstFrame);
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) {
        throw error;
      }
      this.fail('notAPeer');
      return;
    }
    if (verdict.kind === 'refused') {
      this.refuse(verdict);
      return;
    }
    if (verdict.answer !== null) {
      this.write(verdict.answer);
    }
    clearTimeout(this.helloTimer ?? undefined);
    this.phase = 'open';
    this.peer = verdict.peer;
    this.assembler.payloadBytesMax = this.setup.options.frameBytesMax;
    this.probe.start();
    this.setup.owner.opened(this, verdict.peer);
  }

  private refuse({ by, reason, from, answer }: Extract<Verdict, { kind: 'refused' }>): void {
    if (by === 'us') {
      this.setup.stats.countRefused(reason);
    }
    this.cause ??= { kind: 'refused', by, reason, from };
    void this.finish(answer ?? undefined);
  }

  /** Header and payload, and whatever else is written in this turn, leave in one system call. */
  private write(payload: Uint8Array, onSent?: () => void): void {
    const bytes = frameHeaderBytes + payload.length;
    this.pendingBytes += bytes;
    if (this.socket.writableCorked === 0) {
      this.socket.cork();
      process.nextTick(() => {
        this.socket.uncork();
      });
    }
    const done = (): void => {
      this.pendingBytes -= bytes;
      onSent?.();
    };
    const header = frameHeader(payload);
    if (payload.length === 0) {
      this.socket.write(header, done);
      return;
    }
    this.socket.write(header);
    this.socket.write(payload, done);
  }

  /** The deadline of a frame is absolute: bytes that trickle in do not move it. */
  private watchFrame(isAnother: boolean): void {
    if (!this.assembler.isPartial) {
      this.frameStartedMs = null;
      return;
    }
    if (isAnother || this.frameStartedMs === null) {
      this.frameStartedMs = performance.now();
    }
    this.frameTimer ??= this.frameDeadline(this.setup.options.frameTimeoutMs);
  }

  /** One timer serves many frames: when it fires, it looks how long the present one has been on its way. */
  private frameDeadline(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.frameTimer = null;
      if (this.frameStartedMs === null) {
        return;
      }
      const leftMs = this.frameStartedMs + this.setup.options.frameTimeoutMs - performance.now();
      if (leftMs <= 0) {
        this.fail('frameTimeout');
        return;
      }
      this.frameTimer = this.frameDeadline(leftMs);
    }, afterMs);
  }

  /** From here on nothing is delivered, and nothing sent but what a caller adds. */
  private leave(): void {
    this.phase = 'closing';
    this.probe.stop();
  }

  private closed(): void {
    this.leave();
    for (const timer of [this.helloTimer, this.frameTimer, this.closeTimer]) {
      clearTimeout(timer ?? undefined);
    }
    this.setup.owner.ended(this, this.cause ?? { kind: 'closed' });
  }
}

/** Nest reports errors of framing as texts; those of the system have a code. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ERROR';
}
