/** Steps of a proof that are on their way to the main thread at a time, each with a chunk. */
const stepsAheadMax = 8;

/** Steps of a proof that the main thread reports at a time, so that it wakes the worker more seldom. */
export const stepsPerReport = stepsAheadMax / 2;

/** Lets the proof of a snapshot go no further than a few steps ahead of the thread that takes them. */
export class ProofWindow {
  private ahead = 0;
  private open: () => void = () => undefined;

  /** A step is on its way. Resolves when another one may follow. */
  async enter(): Promise<void> {
    this.ahead += 1;
    while (this.ahead >= stepsAheadMax) {
      await new Promise<void>((resolve) => {
        this.open = resolve;
      });
    }
  }

  /** So many steps were taken. */
  noteTaken(steps: number): void {
    this.ahead -= steps;
    this.open();
  }
}
