/** Names an error for programs; `problem.filter.ts` says which status each has. */
export type ProblemCode =
  | 'BAD_REQUEST'
  | 'INVALID_JSON'
  | 'INVALID_KEY'
  | 'INVALID_LEVEL'
  | 'INVALID_PARAMETER'
  | 'EMPTY_WRITE'
  | 'INVALID_BACKUP'
  | 'CROSS_SITE'
  | 'KEY_NOT_FOUND'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_TIMEOUT'
  | 'CONFLICT'
  | 'CHANGE_IN_PROGRESS'
  | 'NOT_WANTED'
  | 'RESTORE_SUPERSEDED'
  | 'CONDITION_FAILED'
  | 'VALUE_TOO_LARGE'
  | 'BODY_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'EXPECTATION_FAILED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'HEADERS_TOO_LARGE'
  | 'INTERNAL'
  | 'STARTING'
  | 'NO_LEADER'
  | 'NO_MEMBER'
  | 'OVERLOADED'
  | 'SHUTTING_DOWN'
  | 'NOT_READY'
  | 'OUTCOME_UNKNOWN'
  | 'TIMEOUT'
  | 'STORAGE_FULL';

/**
 * Names and values of headers in turn, as `writeHead` takes them: lists are made and read many times faster than objects, whose names
 * differ from answer to answer.
 */
export type HeaderList = readonly string[];

/** What a problem carries besides its code and its detail. */
export interface ProblemExtras {
  /** Headers of the answer. */
  readonly headers?: HeaderList;
  /** Further members of the body. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * A request that is answered with an error (RFC 9457). It has no stack: clients cause it, and where it was made says
 * nothing that its code does not.
 */
export class Problem extends Error {
  readonly headers: HeaderList;
  readonly members: Readonly<Record<string, unknown>>;

  /**
   * @param code - Which error it is.
   * @param detail - What went wrong and what to do about it, without anything that the client sent.
   * @param extras - Headers and further members.
   */
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    extras: ProblemExtras = {},
  ) {
    // A stack costs more than all the rest of a "no such key".
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Problem';
    this.headers = extras.headers ?? [];
    this.members = extras.members ?? {};
  }
}
