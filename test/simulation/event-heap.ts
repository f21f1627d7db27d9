import { at } from '../../src/lib/assert.js';

/** Something that happens at a moment of virtual time. */
export interface SimEvent {
  readonly atMs: number;
  /** Decides between events of the same moment: who was scheduled first comes first. */
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap: the earliest event is taken first. */
export class EventHeap {
  private readonly events: SimEvent[] = [];

  get size(): number {
    return this.events.length;
  }

  push(event: SimEvent): void {
    const { events } = this;
    let position = events.length;
    events.push(event);
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = at(events, parent);
      if (!isBefore(event, above)) {
        break;
      }
      events[position] = above;
      position = parent;
    }
    events[position] = event;
  }

  pop(): SimEvent | undefined {
    const { events } = this;
    const first = events[0];
    const last = events.pop();
    if (last !== undefined && events.length > 0) {
      this.sink(last);
    }
    return first;
  }

  /** Puts `event` at the root and lets it sink to its place. */
  private sink(event: SimEvent): void {
    const { events } = this;
    let position = 0;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= events.length) {
        break;
      }
      const right = left + 1;
      const child = right < events.length && isBefore(at(events, right), at(events, left)) ? right : left;
      const below = at(events, child);
      if (!isBefore(below, event)) {
        break;
      }
      events[position] = below;
      position = child;
    }
    events[position] = event;
  }
}

function isBefore(left: SimEvent, right: SimEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
