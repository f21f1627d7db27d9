import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { QueryParameters } from './query-parameters.js';

/** What handlers read of a request. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly target: string;
  readonly query: QueryParameters;
  readonly headers: IncomingHttpHeaders;
  /** Empty where the request has none. */
  readonly body: Uint8Array;
}

const noBody = new Uint8Array(0);

/**
 * Reads a request for a route that takes the parameters `known`.
 *
 * @throws Problem INVALID_PARAMETER, INVALID_LEVEL.
 */
export function apiRequest(request: FastifyRequest, known: readonly string[]): ApiRequest {
  return {
    method: request.method,
    target: request.url,
    query: QueryParameters.parse(request.url, known),
    headers: request.headers,
    body: request.body instanceof Uint8Array ? request.body : noBody,
  };
}
