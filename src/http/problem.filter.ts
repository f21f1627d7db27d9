import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConsensusError } from '../consensus/consensus.errors.js';
import { InvariantViolation } from '../lib/assert.js';
import { oneLine } from '../lib/one-line.js';
import { sendAnswer } from './answer.js';
import type { Answer } from './answer.js';
import { Problem } from './problem.js';
import type { ProblemCode } from './problem.js';
import { routePattern } from './route-table.js';
import type { RouteTable } from './route-table.js';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Seconds, one of them drawn for each answer, so that refused clients do not come back all at once. */
  readonly retryAfter?: readonly number[];
}

/** The one table of errors: status, title and when to come back. Codes of `ConsensusError` stand under their own name. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = {
  BAD_REQUEST: { status: 400, title: 'The request is malformed' },
  INVALID_JSON: { status: 400, title: 'The body is not the JSON that is asked for' },
  INVALID_KEY: { status: 400, title: 'The key cannot be used' },
  INVALID_LEVEL: { status: 400, title: 'The level is not known' },
  INVALID_PARAMETER: { status: 400, title: 'A parameter, header or field is wrong' },
  EMPTY_WRITE: { status: 400, title: 'There is nothing to write' },
  INVALID_BACKUP: { status: 400, title: 'The body is no backup that can be used' },
  CROSS_SITE: { status: 403, title: 'Writes from other sites are refused' },
  KEY_NOT_FOUND: { status: 404, title: 'There is no such key' },
  NOT_FOUND: { status: 404, title: 'It is not there' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path does not take this method' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  CONFLICT: { status: 409, title: 'The change contradicts the members' },
  CHANGE_IN_PROGRESS: { status: 409, title: 'Another change of the members is in progress', retryAfter: [1] },
  NOT_WANTED: { status: 409, title: 'The members file has no place for a member of this name', retryAfter: [5] },
  RESTORE_SUPERSEDED: { status: 409, title: 'The restore is no longer under way' },
  CONDITION_FAILED: { status: 412, title: 'The condition does not hold' },
  VALUE_TOO_LARGE: { status: 413, title: 'A value is too large' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is in an encoding that is not read' },
  EXPECTATION_FAILED: { status: 417, title: 'The expectation cannot be met' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  INTERNAL: { status: 500, title: 'The node failed' },
  STARTING: { status: 503, title: 'The node is starting', retryAfter: [1] },
  NO_LEADER: { status: 503, title: 'There is no leader', retryAfter: [1] },
  NO_MEMBER: { status: 503, title: 'The node is no member of the cluster any more' },
  OVERLOADED: { status: 503, title: 'The node is overloaded', retryAfter: [1, 2, 3] },
  SHUTTING_DOWN: { status: 503, title: 'The node is stopping', retryAfter: [1] },
  NOT_READY: { status: 503, title: 'The node is not ready' },
  OUTCOME_UNKNOWN: { status: 504, title: 'The outcome of the write is not known' },
  TIMEOUT: { status: 504, title: 'The state was not reached in time' },
  STORAGE_FULL: { status: 507, title: 'The storage is full' },
};

/** What to do about an error of consensus; its message says what happened on the node and stays there. */
export const consensusDetails = {
  STARTING: 'The node reads back its data or waits to join a cluster; nothing was changed. Retry, or ask another node.',
  NO_LEADER:
    'No leader was found in time; nothing was changed. Retry once an election or a partition is over; reads with level=stale work meanwhile.',
  NO_MEMBER:
    'The cluster has removed or replaced this node; nothing was changed. Ask another node. Reads with level=stale show what it had.',
  OVERLOADED: 'A limit on waiting work is reached; nothing was changed. Retry after the time in Retry-After.',
  SHUTTING_DOWN: 'The node is stopping; nothing was changed. Retry at another node.',
  OUTCOME_UNKNOWN:
    'The change was proposed and may or may not be applied, now or later. Retry with the same Idempotency-Key; without one, read back first.',
  TIMEOUT: 'The node did not reach the state that was asked for in time. Retry, or ask with a longer timeout.',
  CONFLICT:
    'The id belongs to another instance, or an address to another member; nothing was changed. Take a free id and address, or send "replace": true where the old instance is gone for good.',
  CHANGE_IN_PROGRESS: 'One change of the members goes at a time; nothing was changed. Retry.',
  STORAGE_FULL: 'Little space is free; nothing was changed. Delete keys or enlarge the volume; reads go on.',
} as const satisfies Readonly<Partial<Record<ProblemCode, string>>>;

/** The body of an answer that reports `problem`. */
export function problemBody(problem: Problem, requestId: string): string {
  const { status, title } = problemKinds[problem.code];
  return JSON.stringify({
    type: `urn:raftdb:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    requestId,
    ...problem.members,
  });
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Characters of a message that may go to the log, since it can hold what a client sent. */
const LOGGED_TEXT_MAX = 128;

/** Characters of a stack that go to the log, behind its message. */
const LOGGED_STACK_MAX = 600;

/** Sends `problem` as the answer, unless the request has one already. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  sendAnswer(reply, problemAnswer(problem, reply.request.id));
}

/** The answer that reports `problem`. */
export function problemAnswer(problem: Problem, requestId: string): Answer {
  const { status, retryAfter } = problemKinds[problem.code];
  const headers = ['content-type', PROBLEM_CONTENT_TYPE, ...problem.headers];
  if (retryAfter !== undefined) {
    headers.push('retry-after', String(retryAfter[Math.floor(Math.random() * retryAfter.length)]));
  }
  return { status, headers, body: problemBody(problem, requestId) };
}

/** Turns whatever a handler or the framework throws into an answer. A broken invariant still stops the process. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly routes: RouteTable) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.raw.headersSent || reply.raw.destroyed) {
      // The client went away, for instance in the middle of its body: nobody is left to tell.
      return;
    }
    const problem = this.problemOf(exception, request);
    if (problem.code === 'INTERNAL') {
      this.report(exception, request);
    }
    sendProblem(reply, problem);
    if (exception instanceof InvariantViolation) {
      setImmediate(() => {
        throw exception;
      });
    }
  }

  private problemOf(exception: unknown, request: FastifyRequest): Problem {
    if (exception instanceof Problem) {
      return exception;
    }
    if (exception instanceof ConsensusError) {
      return consensusProblem(exception);
    }
    if (exception instanceof HttpException) {
      return this.frameworkProblem(exception, request);
    }
    return isStreamError(exception)
      ? new Problem('BAD_REQUEST', 'The body ended early. Send it whole.')
      : internalProblem();
  }

  private frameworkProblem(exception: HttpException, request: FastifyRequest): Problem {
    switch (exception.getStatus()) {
      case 400:
        return new Problem('BAD_REQUEST', 'The body does not have the length that Content-Length says.');
      case 404:
        return this.unroutedProblem(request);
      case 413:
        return tooLargeProblem(request);
      case 415:
        return new Problem('UNSUPPORTED_MEDIA_TYPE', 'Send JSON in UTF-8, not compressed.');
      default:
        return internalProblem();
    }
  }

  private unroutedProblem(request: FastifyRequest): Problem {
    const allowed = this.routes.methodsOf(request.url);
    if (allowed.length === 0 || allowed.includes(request.method)) {
      return new Problem('NOT_FOUND', 'No resource has this path. /docs lists all of them.');
    }
    const allow = allowed.join(', ');
    return new Problem('METHOD_NOT_ALLOWED', `This path takes ${allow}.`, { headers: ['allow', allow] });
  }

  private report(exception: unknown, request: FastifyRequest): void {
    const { name, message, stack } = exception instanceof Error ? exception : new Error(String(exception));
    const places = (stack ?? '').slice((stack ?? '').indexOf(message) + message.length);
    const what = `${name}: ${oneLine(message, LOGGED_TEXT_MAX)}${places.slice(0, LOGGED_STACK_MAX)}`;
    this.logger.error(`${request.method} ${routePattern(request)} failed (${request.id}): ${what}`);
  }
}

function consensusProblem(error: ConsensusError): Problem {
  const code = error.code as ProblemCode;
  const details: Readonly<Partial<Record<ProblemCode, string>>> = consensusDetails;
  const detail = details[code];
  return detail === undefined ? internalProblem() : new Problem(code, detail);
}

/** The body limit that was passed is the route's own, or the one of every body. */
function tooLargeProblem(request: FastifyRequest): Problem {
  const { bodyLimit, config } = request.routeOptions;
  return 'body' in config && config.body === 'value'
    ? new Problem('VALUE_TOO_LARGE', `A value with the space around it takes at most ${bodyLimit} bytes.`)
    : new Problem('BODY_TOO_LARGE', `A body takes at most ${bodyLimit} bytes. Split the write.`);
}

function internalProblem(): Problem {
  return new Problem(
    'INTERNAL',
    'The node could not answer; a write may or may not be applied. Its log has the reason under the requestId.',
  );
}

function isStreamError(exception: unknown): boolean {
  return exception instanceof Error && 'statusCode' in exception && exception.statusCode === 400;
}
