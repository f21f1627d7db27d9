import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles its pauses up to the longest, each between half a step and all of it', () => {
    const backoff = new Backoff({ firstMs: 50, maxMs: 300 });

    for (const stepMs of [50, 100, 200, 300, 300]) {
      const pauseMs = backoff.nextMs();
      expect(pauseMs).toBeGreaterThanOrEqual(stepMs / 2);
      expect(pauseMs).toBeLessThanOrEqual(stepMs);
    }
  });

  it('never exceeds the longest pause, however many attempts fail or small the limit is', () => {
    const backoff = new Backoff({ firstMs: 50, maxMs: 10 });
    const pauses = Array.from({ length: 5000 }, () => backoff.nextMs());

    expect(Math.max(...pauses)).toBeLessThanOrEqual(10);
  });

  it('starts small again after a success', () => {
    const backoff = new Backoff({ firstMs: 50, maxMs: 10_000 });
    Array.from({ length: 10 }, () => backoff.nextMs());
    backoff.reset();

    expect(backoff.nextMs()).toBeLessThanOrEqual(50);
  });
});
