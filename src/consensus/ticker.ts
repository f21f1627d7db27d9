import type { Clock } from '../ports/clock.port.js';

/** Turns elapsed monotonic time into ticks, so that a process that stood still knows it before it does anything. */
export class Ticker {
  private readonly startMs: number;
  private counted = 0;

  /** @param tickMs - Length of a tick in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly tickMs: number,
  ) {
    this.startMs = clock.nowMs();
  }

  /** Whole ticks since the last call. */
  takeElapsed(): number {
    const total = Math.floor((this.clock.nowMs() - this.startMs) / this.tickMs);
    const elapsed = total - this.counted;
    this.counted = total;
    return elapsed;
  }
}
