/** A committed command as the state machine sees it. */
export interface AppliedCommand {
  /** Index of its entry; grows from call to call. */
  readonly index: number;
  /** Time of the log in milliseconds (see `Entry.timeMs`). */
  readonly timeMs: number;
  readonly data: Uint8Array;
}

/** How much a snapshot of a state has to hold. */
export interface StateSize {
  readonly records: number;
  /** About what they take. */
  readonly bytes: number;
}

/** Takes a snapshot's chunks in order and puts the state in force at once. */
export interface StateRestore {
  /** @throws MalformedBytesError when the chunk cannot follow; the state in force is unchanged. */
  add(chunk: Uint8Array): void;
  /** @throws MalformedBytesError when chunks are missing or do not add up; the state in force is unchanged. */
  verify(): void;
  /** Verifies, then puts the state in force. */
  finish(): void;
}

/**
 * The replicated state: equal on every node that applied the same entries. Synchronous and deterministic.
 */
export abstract class StateMachine {
  /**
   * Applies one command. Whatever the bytes are, the same happens on every node.
   *
   * @returns The result for whoever proposed it.
   * @throws NewerFormatError for a command that only a later version of the program knows: the node must stop.
   */
  abstract apply(command: AppliedCommand): unknown;

  /** The state as of now, in pieces of at most 64 KiB, made while they are read; later commands do not show in it. */
  abstract snapshot(): Iterable<Uint8Array>;

  /** Takes constant time. */
  abstract size(): StateSize;

  /** Starts to replace the whole state. */
  abstract startRestore(): StateRestore;

  /** Forgets everything: the state before the first command. */
  abstract reset(): void;

  /** Whether a command only frees space: it is let through when little storage is free. */
  abstract mayUseReserve(command: Uint8Array): boolean;

  /** A digest of the whole state, idempotency table included; cheap. */
  abstract checksum(): string;

  /** Counts the writes that changed something; never goes back. */
  abstract revision(): number;
}
