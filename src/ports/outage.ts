/** An error of a store that says whether it can pass by itself. */
export interface MaybeOutage {
  /**
   * The store is full or cannot be reached, for now: to open it again finds out what is durable. Anything else is for
   * good.
   */
  readonly isOutage: boolean;
}

/** Whether a store may work again later, without anybody's doing in this process. */
export function isOutage(error: unknown): error is Error & MaybeOutage {
  return error instanceof Error && 'isOutage' in error && error.isOutage === true;
}
