import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { abortAfter } from './abort-after.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('abortAfter', () => {
  it('aborts when the time is over, and not before', () => {
    const { signal } = abortAfter(100, []);
    jest.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
  });

  it('aborts with any of the others, also with one that has aborted', () => {
    const other = new AbortController();
    const { signal } = abortAfter(100, [new AbortController().signal, other.signal]);
    other.abort();
    expect(signal.aborted).toBe(true);
    expect(abortAfter(100, [other.signal]).signal.aborted).toBe(true);
  });

  it('stays as it is once it was stopped', () => {
    const other = new AbortController();
    const timed = abortAfter(100, [other.signal]);
    timed.stop();
    other.abort();
    jest.advanceTimersByTime(200);
    expect(timed.signal.aborted).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});
