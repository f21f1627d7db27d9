import type { RemovalRefusal } from '../raft/index.js';
import { replaceAdvice } from '../lib/replace-advice.js';

/** A request to consensus that did not succeed. `retryable`: the same request can succeed later. */
export abstract class ConsensusError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The node still reads back its data, or has no cluster yet. It certainly did not happen. */
export class StartingError extends ConsensusError {
  readonly code = 'STARTING';
  readonly retryable = true;
}

/** The cluster has removed or replaced this node. It certainly did not happen. */
export class NoMemberError extends ConsensusError {
  readonly code = 'NO_MEMBER';
  readonly retryable = false;
}

/** No leader was found within the request's timeout. It certainly did not happen. */
export class NoLeaderError extends ConsensusError {
  readonly code = 'NO_LEADER';
  readonly retryable = true;
}

/** A limit on waiting or unapplied work is reached. It certainly did not happen. */
export class OverloadedError extends ConsensusError {
  readonly code = 'OVERLOADED';
  readonly retryable = true;
}

/** Less than the reserve of storage is free where it would be written. It certainly did not happen. */
export class StorageFullError extends ConsensusError {
  readonly code = 'STORAGE_FULL';
  readonly retryable = true;
}

/** The write was proposed and may or may not be applied, now or later. */
export class OutcomeUnknownError extends ConsensusError {
  readonly code = 'OUTCOME_UNKNOWN';
  readonly retryable = false;
}

/** The node is stopping. It certainly did not happen. */
export class ShuttingDownError extends ConsensusError {
  readonly code = 'SHUTTING_DOWN';
  readonly retryable = true;
}

/** The state asked for was not reached within the request's timeout; nothing changed. */
export class ReadTimeoutError extends ConsensusError {
  readonly code = 'TIMEOUT';
  readonly retryable = true;
}

/** Another change of the members is in progress. It certainly did not happen. */
export class ChangeInProgressError extends ConsensusError {
  readonly code = 'CHANGE_IN_PROGRESS';
  readonly retryable = true;
}

/** The change of the members contradicts the configuration. It certainly did not happen. */
export class MembershipConflictError extends ConsensusError {
  readonly code = 'CONFLICT';
  readonly retryable = false;
}

/** The member cannot be removed, now or ever. It certainly was not. */
export class RemovalRefusedError extends ConsensusError {
  readonly code = 'CONFLICT';
  readonly retryable = false;

  constructor(readonly reason: RemovalRefusal) {
    super(`the member is not removed: ${reason}`);
  }
}

/** Nobody took leadership over in time. Whoever led leads on, or was replaced by another node than the one asked for. */
export class NotHandedOverError extends ConsensusError {
  readonly code = 'CONFLICT';
  readonly retryable = true;
}

/** What the stores hold contradicts itself: the node must not serve from it. The message says what to do. */
export class CorruptStateError extends ConsensusError {
  readonly code = 'CORRUPT';
  readonly retryable = false;

  constructor(what: string, options?: ErrorOptions) {
    super(`${what}; ${replaceAdvice}`, options);
  }
}

/** As the storage says it where it finds the same by itself. */
export function damagedData(what: string): CorruptStateError {
  return new CorruptStateError(`the stored data are damaged: ${what}`);
}

/** These data cannot be the first of a new epoch in the way that was asked for. Nothing was changed. */
export class RescueRefusedError extends ConsensusError {
  readonly code = 'RESCUE_REFUSED';
  readonly retryable = false;
}

/** A cluster that knows this node's id exists: an empty node must not found another. Nothing was changed. */
export class FoundingRefusedError extends ConsensusError {
  readonly code = 'FOUNDING_REFUSED';
  readonly retryable = false;
}
