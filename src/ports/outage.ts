/** An error of a store that says whether it can pass by itself. */
export interface PassingError {
  /**
   * The store is full or cannot be reached, for now: to open it again finds out what is durable. Anything else is for
   * good.
   */
  readonly isOutage: boolean;
  /** The store has no space: what was asked for did not happen. */
  readonly isFull: boolean;
}

/** Whether a store may work again later, without anybody's doing in this process. */
export function isOutage(error: unknown): error is Error & PassingError {
  return error instanceof Error && 'isOutage' in error && error.isOutage === true;
}

/** Whether a store had no space for what it was asked for. */
export function isFull(error: unknown): error is Error & PassingError {
  return error instanceof Error && 'isFull' in error && error.isFull === true;
}
