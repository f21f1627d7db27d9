import { createServer } from 'node:http';
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Settings } from '../config/settings.js';
import { Answering } from './answering.js';
import { BodyDeadlines } from './body-deadline.js';
import { refuseCrossSiteWrite, requirePlainUtf8 } from './body-guards.js';
import { answerClientError } from './client-errors.js';
import { Problem } from './problem.js';
import { problemAnswer, sendProblem } from './problem.filter.js';
import { requestId } from './request-id.js';
import { RouteTable, pathOf } from './route-table.js';
import { writeAnswersWhole } from './whole-answer.js';
import { WriteRefusals } from './write-refusals.js';
import type { RequestHandler } from './write-refusals.js';

/** Bytes of request line and headers: a key of 1,024 bytes, percent-encoded, takes 3 KiB. */
const HEADER_BYTES_MAX = 16 * 1024;

/** How long an idle connection is kept, in milliseconds. */
const KEEP_ALIVE_MS = 5000;

/** How often connections are checked against the timeouts of requests, in milliseconds. */
const TIMEOUT_CHECK_MS_MAX = 1000;

/** Space that may surround a value in the body of a PUT, in bytes; its limit is checked before the body is read. */
const SPACE_AROUND_VALUE_BYTES_MAX = 1024;

/**
 * What a route says about its body by `@RouteConfig`. `value` is one value and has its limit; `stream` has none, and is
 * handed over as it arrives: the route watches it.
 */
export interface BodyConfig {
  readonly body: 'value' | 'stream';
}

/** What a route of writes says by `@RouteConfig`: see write-refusals.ts. */
export interface WriteConfig {
  readonly isWrite: true;
}

const unknownExpectation = new Problem('EXPECTATION_FAILED', 'Only Expect: 100-continue is understood.', {
  headers: ['connection', 'close'],
});

/** Stands for the content type of a body that is handed over as it arrives. */
const STREAM_TYPE = 'application/x-stream';

/**
 * Fastify as the service needs it: bodies arrive as bytes whatever their content type says, everything that can grow
 * has a limit, and what the framework refuses is answered like any other error.
 */
export class HttpAdapter extends FastifyAdapter {
  readonly routes = new RouteTable();
  readonly answering: Answering;
  readonly writeRefusals: WriteRefusals;
  private readonly streamPaths = new Set<string>();
  private readonly bodyDeadlines: BodyDeadlines;

  constructor(private readonly limits: Settings) {
    const answering = new Answering();
    const refusals = new WriteRefusals(answering);
    super({
      serverFactory: (proceed: RequestHandler) => createServer(serverOptions(limits), refusals.before(proceed)),
      bodyLimit: limits.bodyBytesMax,
      return503OnClosing: false,
      genReqId: requestId,
      frameworkErrors: answerBadPath,
      clientErrorHandler: answerClientError,
      // No middleware is used, and the hook that runs it would cost every request.
      skipMiddie: true,
    });
    this.answering = answering;
    this.writeRefusals = refusals;
    this.bodyDeadlines = new BodyDeadlines(limits.httpRequestTimeoutMs);
    this.prepareServer();
    this.prepareBodies();
    this.prepareHooks();
  }

  /** Nest's parsers for JSON and forms stay out: every route reads the bytes itself. */
  override registerParserMiddleware(): void {
    // Nothing to add to `prepareBodies`.
  }

  /** From here on each answer closes its connection, so that the server can close once the last one is out. */
  override beforeClose(): void {
    this.answering.drain();
    this.writeRefusals.drain();
    super.beforeClose();
  }

  private prepareServer(): void {
    const server = this.getInstance().server;
    server.maxConnections = this.limits.httpConnectionsMax;
    server.on('connection', writeAnswersWhole);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      // A body that is refused by its length is not asked for.
      if (this.takesStream(request) || !(Number(request.headers['content-length']) > this.limits.bodyBytesMax)) {
        response.writeContinue();
      }
      server.emit('request', request, response);
    });
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      const id = requestId(request);
      this.answering.write(response, id, problemAnswer(unknownExpectation, id));
    });
  }

  private prepareBodies(): void {
    const instance = this.getInstance();
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
      this.bodyDeadlines.finish(request.raw);
      done(null, body);
    });
    instance.addContentTypeParser(STREAM_TYPE, (_request, body, done) => {
      done(null, body);
    });
  }

  private prepareHooks(): void {
    const instance = this.getInstance();
    instance.decorate('answering', this.answering);
    instance.decorateRequest('arrivedMs', 0);
    instance.addHook('onRoute', (route) => {
      this.registerRoute(route);
    });
    instance.addHook('onRequest', (request, _reply, done) => {
      request.arrivedMs = performance.now();
      refuseCrossSiteWrite(request);
      requirePlainUtf8(request);
      // A malformed or empty content type would be refused by Fastify; no type at all is not.
      const { headers } = request.raw;
      if (headers['content-type'] !== undefined) {
        headers['content-type'] = undefined;
      }
      done();
    });
    instance.addHook('preParsing', (request, reply, payload, done) => {
      if (request.raw.headers['content-type'] !== STREAM_TYPE) {
        this.bodyDeadlines.start(request.raw, reply);
      }
      done(null, payload);
    });
    // Of what goes past `sendAnswer`: the files of the explorer and backups.
    instance.addHook('onSend', (request, reply, _payload, done) => {
      this.answering.complete(reply);
      reply.raw.once('close', () => {
        this.answering.note(request, reply.statusCode);
      });
      done();
    });
  }

  private takesStream({ url = '' }: IncomingMessage): boolean {
    return this.streamPaths.has(pathOf(url));
  }

  private registerRoute(route: RouteOptions): void {
    const methods = [route.method].flat();
    this.routes.add(route.url, methods);
    if (optionOf(route, 'isWrite') === true) {
      this.writeRefusals.addRoute(route.url, methods);
    }
    if (isStream(route)) {
      this.streamPaths.add(route.url);
      route.onRequest = [route.onRequest ?? [], takeAsStream].flat();
      route.bodyLimit = Number.MAX_SAFE_INTEGER;
    } else if (optionOf(route, 'body') === 'value') {
      const limit = this.limits.valueBytesMax + SPACE_AROUND_VALUE_BYTES_MAX;
      route.bodyLimit = Math.min(limit, this.limits.bodyBytesMax);
    }
  }
}

function serverOptions({ httpHeaderTimeoutMs, httpRequestTimeoutMs }: Settings): ServerOptions {
  return {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: Math.min(httpHeaderTimeoutMs, httpRequestTimeoutMs),
    // The server's own timeout knows no routes: see body-deadline.ts.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS_MAX, Math.ceil(httpHeaderTimeoutMs / 2)),
    noDelay: true,
  };
}

interface ConfiguredRoute {
  readonly config?: unknown;
}

/** What a route says under `name` by `@RouteConfig`; undefined where it says nothing. */
function optionOf({ config }: ConfiguredRoute, name: keyof (BodyConfig & WriteConfig)): unknown {
  return typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[name] : undefined;
}

function isStream(route: ConfiguredRoute): boolean {
  return optionOf(route, 'body') === 'stream';
}

/** The adapter that the application is created with; `configureHttp` completes it. */
export function createHttpAdapter(settings: Settings): HttpAdapter {
  return new HttpAdapter(settings);
}

/** From here on the body counts as one that is handed over as it arrives, whatever its content type said. */
function takeAsStream(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.raw.headers['content-type'] = STREAM_TYPE;
  done();
}

/** Answers a path whose escapes are no UTF-8; Nest's filters do not see it. */
function answerBadPath(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const detail = 'Percent-encode the path as UTF-8; a percent sign itself is %25.';
  sendProblem(reply, new Problem(request.url.startsWith('/key/') ? 'INVALID_KEY' : 'BAD_REQUEST', detail));
}
