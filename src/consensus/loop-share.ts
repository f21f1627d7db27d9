import { performance } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Rests this many times as long as the work ran while others need the event loop. */
const REST_FACTOR = 2;

/** From this part of the time on others are said to need the event loop. */
const BUSY_PART = 0.1;

/** What {@link LoopShare} looks at and waits with; a test gives its own. */
export interface LoopClock {
  /** Busy and idle milliseconds of the event loop so far. */
  readonly utilization: () => Pick<EventLoopUtilization, 'active' | 'idle'>;
  /** Resolves after `ms`; 0: in the next turn of the loop. */
  readonly wait: (ms: number) => Promise<void>;
}

const eventLoop: LoopClock = {
  utilization: () => performance.eventLoopUtilization(),
  wait: async (ms) => {
    await (ms === 0 ? nextTurn() : sleep(ms));
  },
};

/**
 * Lets work that is less urgent run beside requests: between its pieces it leaves the event loop to the others, for a
 * multiple of the time of the piece where they need it, for no more than a turn where they do not.
 */
export class LoopShare {
  private last: { readonly active: number; readonly idle: number };

  constructor(private readonly loop: LoopClock = eventLoop) {
    this.last = loop.utilization();
  }

  /** @param workMs - How long the piece kept the loop, in milliseconds. */
  async rest(workMs: number): Promise<void> {
    const now = this.loop.utilization();
    const active = now.active - this.last.active;
    const total = active + now.idle - this.last.idle;
    this.last = now;
    const others = Math.max(0, active - workMs);
    await this.loop.wait(others > BUSY_PART * total ? Math.ceil(workMs * REST_FACTOR) : 0);
  }
}
