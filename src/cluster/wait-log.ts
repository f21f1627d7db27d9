import type { Logger } from '@nestjs/common';

/** A node that waits longer has something that its operator should look at, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Says what a node waits for before it takes part: once for each change of the reason. Nodes that start together wait for
 * each other, so these are warnings only where it takes long.
 */
export class WaitLog {
  private readonly sinceMs = performance.now();
  private readonly told = new Map<string, string>();

  constructor(private readonly logger: Pick<Logger, 'log' | 'warn'>) {}

  /**
   * To be called with every vain attempt.
   *
   * @param place - Where it waits; each place has its own reason.
   */
  note(place: string, line: string): void {
    const level = performance.now() - this.sinceMs < PATIENCE_MS ? 'log' : 'warn';
    const said = `${level} ${line}`;
    if (this.told.get(place) !== said) {
      this.told.set(place, said);
      this.logger[level](line);
    }
  }
}
