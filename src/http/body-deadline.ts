import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Problem } from './problem.js';
import { sendProblem } from './problem.filter.js';

/** The rest of the body is not read, so the connection cannot go on behind it. */
const closing = { headers: ['connection', 'close'] };

/** Fastify hands these to their handler without a look at a body. */
const METHODS_WITHOUT_BODY = ['GET', 'HEAD'];

interface Arriving {
  readonly request: IncomingMessage;
  readonly reply: FastifyReply;
}

interface Awaited {
  readonly reply: FastifyReply;
  readonly dueMs: number;
}

/**
 * Answers 408 where the body of a request has not arrived whole in time.
 *
 * One timer serves all requests, since each has as long as the others: they are due in the order in which they came.
 */
export class BodyDeadlines {
  /** What began in this turn of the event loop. Most bodies are there by its end and need no more. */
  private arriving: Arriving[] = [];
  private readonly awaited = new Map<IncomingMessage, Awaited>();
  private timer: NodeJS.Timeout | null = null;

  /** @param timeoutMs - How long a body may take, in milliseconds. */
  constructor(private readonly timeoutMs: number) {}

  /** From here on the body of `request` is awaited, where it has one that is read. */
  start(request: IncomingMessage, reply: FastifyReply): void {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if ((length === '0' && encoding === undefined) || METHODS_WITHOUT_BODY.includes(request.method ?? '')) {
      return;
    }
    if (this.arriving.push({ request, reply }) === 1) {
      setImmediate(() => {
        this.awaitTheOthers();
      });
    }
  }

  /** The body is there. */
  finish(request: IncomingMessage): void {
    // V8 makes a map anew that loses its last element.
    if (this.awaited.size > 0) {
      this.awaited.delete(request);
    }
  }

  private awaitTheOthers(): void {
    const dueMs = performance.now() + this.timeoutMs;
    for (const { request, reply } of this.arriving) {
      if (!request.complete) {
        this.awaited.set(request, { reply, dueMs });
        this.timer ??= this.sleep(this.timeoutMs);
      }
    }
    this.arriving = [];
  }

  private sleep(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.timer = null;
      this.endOverdue();
    }, ms).unref();
  }

  private endOverdue(): void {
    const nowMs = performance.now();
    for (const [request, { reply, dueMs }] of this.awaited) {
      if (dueMs > nowMs) {
        this.timer = this.sleep(Math.ceil(dueMs - nowMs));
        return;
      }
      this.awaited.delete(request);
      // One that was refused before its end, or whose client went away, stands here until its time is over.
      if (!reply.raw.headersSent && !reply.raw.destroyed) {
        sendProblem(reply, new Problem('REQUEST_TIMEOUT', `Send the whole body within ${this.timeoutMs} ms.`, closing));
      }
    }
  }
}
