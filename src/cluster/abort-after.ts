/** A signal with an end of its own. */
export interface TimedAbort {
  readonly signal: AbortSignal;
  /** Lets go of the clock and the other signals; the signal stays as it is. */
  stop(): void;
}

/**
 * A signal that aborts after `ms`, or with any of the others.
 *
 * `AbortSignal.any` with `AbortSignal.timeout` is no substitute: Node 20 can collect the timeout as garbage, and then the
 * combined signal never aborts.
 */
export function abortAfter(ms: number, others: readonly AbortSignal[]): TimedAbort {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  const timer = setTimeout(abort, ms);
  for (const other of others) {
    if (other.aborted) {
      abort();
    }
    other.addEventListener('abort', abort);
  }
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      for (const other of others) {
        other.removeEventListener('abort', abort);
      }
    },
  };
}
