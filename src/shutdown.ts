import type { ConsoleLogger } from '@nestjs/common';

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * The end of a node that was told to stop. Nest hands over, answers what is in flight and closes the storage; a client
 * that holds its connection without a word could keep it from ever ending, so this sees to it that it does.
 */
export class Shutdown {
  private isAsked = false;

  /** @param timeoutMs - Milliseconds from the signal to the end of the process, drained or not. */
  constructor(
    private readonly logger: ConsoleLogger,
    private readonly timeoutMs: number,
  ) {
    for (const signal of signals) {
      process.once(signal, () => {
        this.begin(signal);
      });
    }
  }

  /** Whether the node was told to stop: whatever breaks off from now on breaks off for that reason. */
  get isUnderWay(): boolean {
    return this.isAsked;
  }

  private begin(signal: NodeJS.Signals): void {
    if (this.isAsked) {
      return;
    }
    this.isAsked = true;
    this.logger.log(`told to stop by ${signal}`, 'Node');
    process.once('exit', () => {
      this.logger.log('stopped', 'Node');
    });
    setTimeout(() => {
      this.logger.warn(`connections are still open after ${this.timeoutMs} ms: they are cut off`, 'Node');
      process.exit(0);
    }, this.timeoutMs).unref();
  }
}

/**
 * Ends the process with 0 on a signal to stop, as long as there is nothing to hand over or close. The first process of a
 * container would not notice a signal that it does not handle.
 *
 * @returns Leaves the signals to whoever handles them from now on.
 */
export function endAtOnceOnSignals(): () => void {
  const end = (): void => {
    process.exit(0);
  };
  signals.forEach((signal) => process.once(signal, end));
  return () => {
    signals.forEach((signal) => process.off(signal, end));
  };
}
