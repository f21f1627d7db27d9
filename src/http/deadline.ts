/** When the time of a request is over: what it waits for, step after step, shares it. */
export class Deadline {
  private readonly endMs: number;

  /** @param timeoutMs - Milliseconds from now. */
  constructor(timeoutMs: number) {
    this.endMs = performance.now() + timeoutMs;
  }

  /** Milliseconds that are left, at least 1. */
  get timeoutMs(): number {
    return Math.max(1, this.endMs - performance.now());
  }
}
