import { describe, expect, it } from '@jest/globals';
import { WriteTracker } from './write-tracker.js';

describe('WriteTracker', () => {
  it('an entry is durable when its write is, and all before it', () => {
    const writes = new WriteTracker(2);
    const first = writes.begin(4, 0);
    const second = writes.begin(5, 0);
    expect(writes).toMatchObject({ handedIndex: 5, durableIndex: 2, hasOutstanding: true });
    writes.complete(first);
    expect(writes.durableIndex).toBe(4);
    writes.complete(second);
    expect(writes).toMatchObject({ durableIndex: 5, hasOutstanding: false });
  });

  it('one completion can stand for several writes', () => {
    const writes = new WriteTracker(0);
    writes.begin(1, 0);
    writes.begin(2, 0);
    writes.complete(writes.begin(3, 0));
    expect(writes.durableIndex).toBe(3);
  });

  it('an index that was cut while its write was under way is durable with the later write only', () => {
    const writes = new WriteTracker(4);
    const old = writes.begin(7, 0);
    writes.truncate(6);
    const anew = writes.begin(7, 0);
    writes.complete(old);
    expect(writes.durableIndex).toBe(5);
    writes.complete(anew);
    expect(writes.durableIndex).toBe(7);
  });

  it('a cut below what is durable takes that back', () => {
    const writes = new WriteTracker(9);
    writes.truncate(3);
    expect(writes).toMatchObject({ handedIndex: 2, durableIndex: 2 });
  });

  it('after a reset writes from before it prove nothing', () => {
    const writes = new WriteTracker(3);
    const old = writes.begin(8, 0);
    writes.reset(5);
    writes.complete(old);
    expect(writes).toMatchObject({ handedIndex: 5, durableIndex: 5 });
  });

  it('a write that was not handed out does not complete', () => {
    const writes = new WriteTracker(0);
    expect(() => {
      writes.complete(1);
    }).toThrow('a write completes once');
  });
});
