/**
 * Runs tasks one after the other in the order in which they were given. TypeORM on SQLite has a single connection,
 * and two transactions at once would become one.
 */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs `task` after every earlier one has ended, well or badly. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.tail.then(task);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when the tasks given so far have ended. */
  async idle(): Promise<void> {
    await this.tail;
  }
}
