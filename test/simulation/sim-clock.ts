import { Clock } from '../../src/ports/clock.port.js';
import type { Timeline } from './timeline.js';

/** The monotonic clock of one node: it runs faster or slower than virtual time, but never back. */
export class SimClock extends Clock {
  private anchor = { virtualMs: 0, localMs: 0 };

  /** @param currentRate - Milliseconds of this clock in one of virtual time. */
  constructor(
    private readonly timeline: Timeline,
    private currentRate: number,
  ) {
    super();
  }

  get rate(): number {
    return this.currentRate;
  }

  set rate(rate: number) {
    this.anchor = { virtualMs: this.timeline.nowMs, localMs: this.nowMs() };
    this.currentRate = rate;
  }

  override nowMs(): number {
    return this.anchor.localMs + (this.timeline.nowMs - this.anchor.virtualMs) * this.currentRate;
  }
}
