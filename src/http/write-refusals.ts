import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answering } from './answering.js';
import { Problem } from './problem.js';
import { consensusDetails, problemAnswer, problemKinds } from './problem.filter.js';
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

/** What {@link WriteRefusals} looks at and waits with; a test gives its own. */
export interface TurnClock {
  readonly nowMs: () => number;
  /** Calls `work` in the next turn of the event loop. */
  readonly nextTurn: (work: () => void) => void;
}

const realTurns: TurnClock = { nowMs: () => performance.now(), nextTurn: setImmediate };

/** Who comes back sooner after a refusal, in milliseconds, has not heeded it: the shortest pause that a refusal asks for. */
const PATIENCE_MS = 1000 * Math.min(...(problemKinds.OVERLOADED.retryAfter ?? []));

/**
 * Clients that come back too soon get this part of the time for their answers, and as much again for being read, since they
 * are back at once. The writes that wait have the rest of it.
 */
const IMPATIENT_PART = 1 / 40;

/** They get that much of each turn however short it is, in milliseconds: a node with nothing else to do answers them at once. */
const IMPATIENT_MS_MIN = 0.2;

/** Made once: an error of its own for each refusal would cost as much as the rest of it. */
const overload = new Problem('OVERLOADED', consensusDetails.OVERLOADED);

const open: WriteGate = { isFull: () => false, noteRefusal: () => undefined };

/**
 * Answers writes with 503 while too many wait. It stands before the framework, since whatever a refusal costs is taken from the
 * writes that wait: routing, hooks and the body are what it can do without.
 *
 * A refusal is told at once, except on a connection that was refused less than a second ago: clients that come back whatever
 * `Retry-After` says would take the node from all others. There it is told when its turn comes, so that they come back the
 * later the more they are.
 */
export class WriteRefusals {
  private readonly routes = new RouteTable();
  private gate = open;
  private readonly patient: Arrived[] = [];
  private readonly impatient: Arrived[] = [];
  /** When the last write of a connection was refused. */
  private readonly refusedMs = new WeakMap<IncomingMessage['socket'], number>();
  private isScheduled = false;
  /** When the last of the impatient were answered, or the first of them came. */
  private lastAnsweredMs = 0;

  constructor(
    private readonly answering: Answering,
    private readonly turns: TurnClock = realTurns,
  ) {}

  /** Nothing is refused before this was called. */
  guard(gate: WriteGate): void {
    this.gate = gate;
  }

  /** The server closes: nothing is refused any more, and whoever waits for a refusal gets it in the next turn. */
  drain(): void {
    this.gate = open;
    this.patient.push(...this.impatient.splice(0));
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
        this.answerLater({ proceed, request, response, route, sinceMs: this.turns.nowMs() });
      }
    };
  }

  /**
   * Not in this turn: clients that come back at once would keep it from ending, and with it timers, peers and the writes that
   * wait. By the next one a small body is there, so that the connection goes on behind it.
   */
  private answerLater(one: Arrived): void {
    const refusedMs = this.refusedMs.get(one.request.socket) ?? -Infinity;
    if (one.sinceMs - refusedMs >= PATIENCE_MS) {
      this.patient.push(one);
    } else if (this.impatient.push(one) === 1) {
      this.lastAnsweredMs = one.sinceMs;
    }
    this.schedule();
  }

  private schedule(): void {
    if (!this.isScheduled) {
      this.isScheduled = true;
      this.turns.nextTurn(this.answerSome);
    }
  }

  private readonly answerSome = (): void => {
    this.isScheduled = false;
    for (const one of this.patient.splice(0)) {
      this.answer(one);
    }
    this.answerImpatient();
    if (this.impatient.length > 0) {
      this.schedule();
    }
  };

  /** Those that wait longest, one at least where there is one, as many as their part of the time since the last ones allows. */
  private answerImpatient(): void {
    let nowMs = this.turns.nowMs();
    const endMs = nowMs + Math.max(IMPATIENT_MS_MIN, (nowMs - this.lastAnsweredMs) * IMPATIENT_PART);
    let one = this.impatient.shift();
    while (one !== undefined) {
      this.answer(one);
      nowMs = this.turns.nowMs();
      one = nowMs < endMs ? this.impatient.shift() : undefined;
    }
    this.lastAnsweredMs = nowMs;
  }

  private answer(one: Arrived): void {
    if (one.request.complete) {
      this.refuse(one);
    } else {
      // A client that still sends its body would not read an answer: it is taken in whole, and looked at then.
      one.proceed(one.request, one.response);
    }
  }

  private refuse({ request, response, route, sinceMs }: Arrived): void {
    this.gate.noteRefusal();
    const id = requestId(request);
    const answer = problemAnswer(overload, id);
    this.answering.write(response, id, answer);
    const nowMs = this.turns.nowMs();
    this.refusedMs.set(request.socket, nowMs);
    const seconds = (nowMs - sinceMs) / 1000;
    this.answering.onAnswered({ method: request.method ?? '', route, status: answer.status, seconds });
  }
}
