import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './answer.js';

/** An answer that was handed to its connection. */
export interface Answered {
  readonly method: string;
  /** The pattern of the path. */
  readonly route: string;
  readonly status: number;
  /** Since the request arrived. */
  readonly seconds: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly answering: Answering;
  }
  interface FastifyRequest {
    /** When its head had arrived, by `performance.now()`; 0 where the framework refused it before. */
    arrivedMs: number;
  }
}

/** Stands for paths without a route. They are not repeated: anybody could make up any number of them. */
const NO_ROUTE = 'none';

/**
 * What all answers have in common, whoever makes them. It hands them to Node as they are: the framework looks at each
 * header several times and waits for the end of each answer, which costs as much as all the rest of a read.
 */
export class Answering {
  /** Told of each answer. */
  onAnswered: (answered: Answered) => void = () => undefined;
  private isDraining = false;

  /** The server closes: each answer closes its connection from here on, so that it can close once the last one is out. */
  drain(): void {
    this.isDraining = true;
  }

  /** Writes the whole answer. */
  write(response: ServerResponse, requestId: string, { status, headers, body }: Answer): void {
    const all = ['x-request-id', requestId, ...headers];
    if (body !== null) {
      all.push('content-length', String(Buffer.byteLength(body)));
    } else if (status !== 304 && response.req.method !== 'HEAD') {
      all.push('content-length', '0');
    }
    if (this.isDraining && !headers.includes('connection')) {
      all.push('connection', 'close');
    }
    response.writeHead(status, all);
    response.end(body ?? undefined);
  }

  /** What an answer that the framework sends needs. */
  complete(reply: FastifyReply): void {
    reply.header('x-request-id', reply.request.id);
    if (this.isDraining) {
      reply.header('connection', 'close');
    }
  }

  /** `request` was answered. */
  note(request: FastifyRequest, status: number): void {
    const { method, arrivedMs } = request;
    if (arrivedMs > 0) {
      const route = request.routeOptions.url ?? NO_ROUTE;
      const seconds = (performance.now() - arrivedMs) / 1000;
      this.onAnswered({ method, route, status, seconds });
    }
  }
}
