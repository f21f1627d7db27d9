/**
 * Lets callers of one turn of the event loop go on together at its end, so that their answers leave one right behind the other.
 * One that leaves alone wakes a client that has gone to sleep since the one before, and that costs as much as the answer.
 * The first caller of a turn does not wait: often it is the only one.
 */
export class TurnEnd {
  private reached: Promise<void> | null = null;

  /** Resolves at once for the first caller; for others once everything that has arrived in this turn was looked at. */
  wait(): Promise<void> {
    if (this.reached !== null) {
      return this.reached;
    }
    this.reached = new Promise((resolve) => {
      setImmediate(() => {
        this.reached = null;
        resolve();
      });
    });
    return Promise.resolve();
  }
}
