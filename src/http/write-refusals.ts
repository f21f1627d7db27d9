import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventLoop, LoopShare } from '../consensus/loop-share.js';
import type { LoopClock } from '../consensus/loop-share.js';
import type { Answering } from './answering.js';
import { Problem } from './problem.js';
import { consensusDetails, problemAnswer } from './problem.filter.js';
import { requestId } from './request-id.js';
import { RouteTable } from './route-table.js';

/** What a server of Node calls for each request. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Says whether writes are taken, and is told of those that were not. */
export interface WriteGate {
  /** Whether too many writes wait for a further one to be taken. */
  readonly isFull: () => boolean;
  /** A write was refused: true, it did not happen. */
  readonly noteRefusal: () => void;
}

interface Arrived {
  readonly proceed: RequestHandler;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: string;
  readonly sinceMs: number;
}

/**
 * Refusals rest this many times as long as they took while there is other work. A client that comes back at once is taken in
 * at once, which takes as long again: so they get about an eighth of the time, and the writes that wait the rest of it.
 */
const REST_FACTOR = 14;

/** Made once: an error of its own for each refusal would cost as much as the rest of it. */
const overload = new Problem('OVERLOADED', consensusDetails.OVERLOADED);

const open: WriteGate = { isFull: () => false, noteRefusal: () => undefined };

/**
 * Answers writes with 503 while too many wait. It stands before the framework, since whatever a refusal costs is taken from the
 * writes that wait: routing, hooks and the body are what it can do without.
 */
export class WriteRefusals {
  private readonly routes = new RouteTable();
  private gate = open;
  private readonly arrived: Arrived[] = [];
  private readonly share: LoopShare;
  private isAnswering = false;

  /** @param loop - What answers are spread over. */
  constructor(
    private readonly answering: Answering,
    loop: LoopClock = eventLoop,
  ) {
    this.share = new LoopShare(loop, REST_FACTOR);
  }

  /** Nothing is refused before this was called. */
  guard(gate: WriteGate): void {
    this.gate = gate;
  }

  /** The server closes: nothing is refused any more. */
  drain(): void {
    this.gate = open;
  }

  /** Requests of these methods at these paths are writes. */
  addRoute(pattern: string, methods: readonly string[]): void {
    this.routes.add(pattern, methods);
  }

  /** @returns A handler for a server; what it does not refuse goes on to `proceed`. */
  before(proceed: RequestHandler): RequestHandler {
    return (request, response) => {
      const route = this.gate.isFull() ? this.routes.patternOf(request.method ?? '', request.url ?? '') : null;
      if (route === null) {
        proceed(request, response);
      } else {
        void this.answerLater({ proceed, request, response, route, sinceMs: performance.now() });
      }
    };
  }

  /**
   * Not in this turn: clients that come back at once would keep it from ending, and with it timers, peers and the writes that
   * wait. By the next one a small body is there, so that the connection goes on behind it.
   */
  private async answerLater(one: Arrived): Promise<void> {
    this.arrived.push(one);
    if (this.isAnswering) {
      return;
    }
    this.isAnswering = true;
    for (let workMs = 0; this.isAnswering; workMs = this.answerArrived()) {
      await this.share.rest(workMs);
      this.isAnswering = this.arrived.length > 0;
    }
  }

  /** @returns How long it took, in milliseconds. */
  private answerArrived(): number {
    const sinceMs = performance.now();
    for (const one of this.arrived.splice(0)) {
      if (one.request.complete) {
        this.refuse(one);
      } else {
        // A client that still sends its body would not read an answer: it is taken in whole, and looked at then.
        one.proceed(one.request, one.response);
      }
    }
    return performance.now() - sinceMs;
  }

  private refuse({ request, response, route, sinceMs }: Arrived): void {
    this.gate.noteRefusal();
    const id = requestId(request);
    const answer = problemAnswer(overload, id);
    this.answering.write(response, id, answer);
    const seconds = (performance.now() - sinceMs) / 1000;
    this.answering.onAnswered({ method: request.method ?? '', route, status: answer.status, seconds });
  }
}
