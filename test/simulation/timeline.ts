import { EventHeap } from './event-heap.js';

/** Virtual time: it stands still while something happens and jumps to the next event. */
export class Timeline {
  /** Milliseconds since the run began. */
  nowMs = 0;
  /** Events that have happened. */
  eventCount = 0;
  private readonly heap = new EventHeap();
  private lastOrder = 0;

  after(delayMs: number, run: () => void): void {
    this.lastOrder += 1;
    this.heap.push({ atMs: this.nowMs + delayMs, order: this.lastOrder, run });
  }

  /** @returns False when nothing is left to happen. */
  runNext(): boolean {
    const event = this.heap.pop();
    if (event === undefined) {
      return false;
    }
    this.nowMs = event.atMs;
    this.eventCount += 1;
    event.run();
    return true;
  }
}
