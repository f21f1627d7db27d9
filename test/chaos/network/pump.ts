import type { Socket } from 'node:net';
import type { Random } from '../../../src/lib/random.js';
import type { Link } from './link.js';

/** Bytes that a link keeps of one connection before it reads no more of it. */
const queuedBytesMax = 1024 * 1024;

/** Pieces of a throttled stream: small, so that a short message does not wait for a long one behind it. */
const throttledPieceBytes = 1024;

interface Piece {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** One direction of one connection: moves what `source` sends to `sink` as the link's mode says. */
export class Pump {
  private readonly queue: Piece[] = [];
  private queuedBytes = 0;
  private lastDueMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private hasLost = false;
  private ending: 'none' | 'ended' | 'aborted' | 'passed on' = 'none';
  private isSinkFull = false;
  private isStopped = false;
  private readonly unfollow: () => void;

  /** @param reset - Breaks the whole connection for both sides. */
  constructor(
    private readonly source: Socket,
    private readonly sink: Socket,
    private readonly around: { readonly link: Link; readonly random: Random; readonly reset: () => void },
  ) {
    source.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    source.on('end', () => {
      this.finish('ended');
    });
    source.on('close', () => {
      this.finish('aborted');
    });
    sink.on('drain', () => {
      this.isSinkFull = false;
      this.advance();
    });
    this.unfollow = around.link.onChange(() => {
      this.modeChanged();
    });
  }

  /** Takes bytes as if they had just arrived from the source. */
  take(chunk: Buffer): void {
    const { link, random, reset } = this.around;
    const { mode } = link;
    if (link.swallows || this.sink.destroyed) {
      this.hasLost = true;
      this.source.resume();
      return;
    }
    if (mode.kind === 'reset' && random.chance(mode.probability)) {
      reset();
      return;
    }
    const pieceBytes = mode.kind === 'throttle' ? throttledPieceBytes : chunk.length;
    for (let offset = 0; offset < chunk.length; offset += pieceBytes) {
      const bytes = chunk.subarray(offset, offset + pieceBytes);
      this.queue.push({ bytes, dueMs: this.dueMs(bytes.length) });
      this.queuedBytes += bytes.length;
    }
    this.advance();
  }

  /** Moves nothing any more; the sockets are not touched. */
  stop(): void {
    this.isStopped = true;
    this.unfollow();
    clearTimeout(this.timer ?? undefined);
    this.queue.length = 0;
  }

  private dueMs(byteCount: number): number {
    const { link, random } = this.around;
    const nowMs = performance.now();
    switch (link.mode.kind) {
      case 'delay':
        return nowMs + link.mode.ms + (2 * random.fraction() - 1) * link.mode.jitterMs;
      case 'throttle':
        this.lastDueMs = Math.max(this.lastDueMs, nowMs) + (byteCount / link.mode.bytesPerSecond) * 1000;
        return this.lastDueMs;
      default:
        return nowMs;
    }
  }

  private modeChanged(): void {
    const { link, reset } = this.around;
    if (link.swallows) {
      this.hasLost ||= this.queue.length > 0;
      this.queue.length = 0;
      this.queuedBytes = 0;
    } else if (this.hasLost && link.mode.kind !== 'hold') {
      // TCP never delivers a stream with a hole: what follows must not either.
      reset();
      return;
    }
    this.advance();
  }

  /** Sends what is due, looks again when the next piece is, and reads on only while there is room. */
  private advance(): void {
    if (this.isStopped) {
      return;
    }
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    const isHeld = this.around.link.mode.kind === 'hold';
    let hasMore = !isHeld;
    while (hasMore && !this.isSinkFull) {
      hasMore = this.sendNext();
    }
    if (this.queuedBytes > queuedBytesMax || this.isSinkFull || isHeld) {
      this.source.pause();
    } else {
      this.source.resume();
    }
  }

  /** @returns False: nothing more is due. */
  private sendNext(): boolean {
    const { kind } = this.around.link.mode;
    const [next] = this.queue;
    if (next === undefined) {
      this.passEnd();
      return false;
    }
    const waitMs = kind === 'delay' || kind === 'throttle' ? next.dueMs - performance.now() : 0;
    if (waitMs > 0) {
      this.timer = setTimeout(() => {
        this.advance();
      }, waitMs);
      return false;
    }
    this.queue.shift();
    this.queuedBytes -= next.bytes.length;
    this.isSinkFull = !this.sink.destroyed && !this.sink.write(next.bytes);
    return true;
  }

  private finish(how: 'ended' | 'aborted'): void {
    if (this.ending === 'none') {
      this.ending = how;
      this.advance();
    }
  }

  /** The other side learns of the end only while the link passes anything. */
  private passEnd(): void {
    if (this.ending === 'none' || this.ending === 'passed on' || this.around.link.swallows) {
      return;
    }
    if (this.ending === 'ended') {
      this.sink.end();
    } else if (!this.sink.destroyed) {
      this.sink.resetAndDestroy();
    }
    this.ending = 'passed on';
  }
}
