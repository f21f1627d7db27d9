/** Pauses between attempts: each about twice the one before, up to a limit, and never the same for everybody. */
export class Backoff {
  private failures = 0;

  /** @param limits - First and longest pause in milliseconds. */
  constructor(private readonly limits: { readonly firstMs: number; readonly maxMs: number }) {}

  /** The pause before the next attempt: between half the present step and all of it. */
  nextMs(): number {
    const stepMs = Math.min(this.limits.maxMs, this.limits.firstMs * 2 ** this.failures);
    // Above this exponent the step is the longest pause anyway, whatever the limits are.
    this.failures = Math.min(this.failures + 1, 32);
    return stepMs * (0.5 + Math.random() / 2);
  }

  /** The last attempt was a success. */
  reset(): void {
    this.failures = 0;
  }
}
