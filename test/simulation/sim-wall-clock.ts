import { InvariantViolation } from '../../src/lib/assert.js';
import type { Timeline } from './timeline.js';

/** Some day; the calendar of the runs begins there. */
const epochMs = 1_700_000_000_000;

/** What would make a run differ from another of the same seed. */
const forbidden = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'] as const;

/**
 * The calendar clock of whichever node acts. Nothing in the core and the loop looks at it; whoever does meets jumps of
 * hours, and times that differ from node to node.
 */
export class SimWallClock {
  /** What the clock of the node that acts is off, in milliseconds. */
  offsetMs = 0;

  constructor(private readonly timeline: Timeline) {}

  /**
   * Runs `action` with `Date.now()` as this clock, and with every source of chance or of real time out of reach: the same
   * seed must give the same run (I25). Performance.now() is among them, of no use to a node that lives in virtual time.
   */
  within(action: () => void): void {
    const restore = [
      replace(Date, 'now', () => epochMs + this.timeline.nowMs + this.offsetMs),
      replace(Math, 'random', () => refuse('Math.random')),
      replace(performance, 'now', () => refuse('performance.now')),
      ...forbidden.map((name) => replace(globalThis, name, () => refuse(name))),
    ];
    try {
      action();
    } finally {
      for (const undo of restore) {
        undo();
      }
    }
  }
}

function refuse(name: string): never {
  throw new InvariantViolation(`a simulated node uses ${name}`);
}

/** @returns What puts the original back. */
function replace(owner: object, name: string, substitute: () => unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value: substitute, configurable: true, writable: true });
  return () => {
    if (original === undefined) {
      Reflect.deleteProperty(owner, name);
    } else {
      Object.defineProperty(owner, name, original);
    }
  };
}
