import { request } from 'node:http';
import type { Agent, IncomingHttpHeaders, RequestOptions } from 'node:http';

/** One HTTP request to a port of 127.0.0.1. */
export interface HttpRequest {
  readonly port: number;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No whole answer came. Whether the request arrived is not known, `neverSent` apart. */
export class NoAnswerError extends Error {
  /** @param neverSent - The connection was refused: nobody can have read the request. */
  constructor(
    readonly neverSent: boolean,
    reason: string,
  ) {
    super(`no answer: ${reason}`);
    this.name = 'NoAnswerError';
  }
}

/**
 * Sends a request once, and gives the answer when all of it is there.
 *
 * @param agent - The connections to use; false: one of its own.
 * @throws NoAnswerError.
 */
export function send(agent: Agent | false, options: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const body = options.body === undefined ? null : Buffer.from(options.body);
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const details: RequestOptions = {
      agent,
      host: '127.0.0.1',
      port: options.port,
      method: options.method,
      path: options.path,
      headers: { ...options.headers, ...length },
    };
    const sent = request(details);
    const timer = setTimeout(() => sent.destroy(new Error('timeout')), options.timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(new NoAnswerError('code' in error && error.code === 'ECONNREFUSED', error.message));
    };
    sent.once('error', fail);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    sent.end(body);
  });
}

/** The JSON of an answer; undefined where it is none. */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
}
