import { expect, test } from '@jest/globals';
import { Random } from '../../src/lib/random.js';
import { EventHeap } from './event-heap.js';

test('events come in the order of their times, and of one time in the order in which they were added', () => {
  const random = new Random(7);
  const heap = new EventHeap();
  for (let order = 0; order < 500; order += 1) {
    heap.push({ atMs: random.between({ from: 0, until: 50 }), order, run: () => undefined });
  }
  const taken: { readonly atMs: number; readonly order: number }[] = [];
  for (let event = heap.pop(); event !== undefined; event = heap.pop()) {
    taken.push(event);
  }
  expect(taken).toHaveLength(500);
  expect(taken).toEqual(taken.toSorted((left, right) => left.atMs - right.atMs || left.order - right.order));
});
