import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { problemKinds } from './problem.filter.js';
import type { ProblemCode } from './problem.js';
import { TIMEOUT_MS_MAX } from './query-parameters.js';

type ResponseHeaders = Record<string, { description: string; schema: { type: 'string' | 'integer' } }>;

/** Describes headers of an answer by name. */
export function headersOf(descriptions: Readonly<Record<string, string>>): ResponseHeaders {
  const described = Object.entries(descriptions).map(
    ([name, description]) => [name, { description, schema: { type: 'string' as const } }] as const,
  );
  return Object.fromEntries(described);
}

export const requestIdHeader = headersOf({
  'X-Request-Id': 'Names the request in the log; the one of the request where it sent a usable one.',
});

const retryAfterHeader = headersOf({ 'Retry-After': 'Seconds to wait before the next try.' });

/**
 * Documents the errors of a route, grouped by status.
 *
 * @param codes - All that it answers besides those of every route.
 * @param headers - Further headers by code.
 */
export function ApiProblems(
  codes: readonly ProblemCode[],
  headers: Readonly<Partial<Record<ProblemCode, ResponseHeaders>>> = {},
): MethodDecorator {
  const all: readonly ProblemCode[] = [...codes, 'INVALID_PARAMETER', 'INTERNAL'];
  const statuses = [...new Set(all.map((code) => problemKinds[code].status))].sort((a, b) => a - b);
  return applyDecorators(
    ...statuses.map((status) => {
      const ofStatus = all.filter((code) => problemKinds[code].status === status);
      return ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('. '),
        headers: Object.assign(
          {},
          requestIdHeader,
          ...ofStatus.map((code) => problemHeaders(code, headers[code])),
        ) as ResponseHeaders,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      });
    }),
  );
}

/** `timeout`, which every route takes that waits for others. */
export function ApiTimeout(): MethodDecorator {
  return ApiQuery({
    name: 'timeout',
    required: false,
    description: `How long the node may wait for others: \`500ms\`, \`2s\`, \`1m\` or milliseconds, up to ${TIMEOUT_MS_MAX / 60_000}m. Default: the setting requestTimeoutMs.`,
    schema: { type: 'string', pattern: '^\\d{1,6}(ms|s|m)?$' },
  });
}

/** `redirect` and its answer. */
export function ApiRedirect(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'redirect',
      required: false,
      description:
        'Whether a node that does not lead sends the client to the leader instead of asking it. Default: the setting routing.',
      schema: { type: 'boolean' },
    }),
    ApiResponse({
      status: 307,
      description: 'Ask the leader: only with redirect, at a node that does not lead and knows who does.',
      headers: {
        ...requestIdHeader,
        ...headersOf({
          Location: 'The same path and query at the leader.',
          'Raftdb-Known-Leader': 'Id of the leader.',
        }),
      },
    }),
  );
}

/** `X-Request-Id` of the request. */
export function ApiRequestId(): MethodDecorator & ClassDecorator {
  return ApiHeader({
    name: 'X-Request-Id',
    required: false,
    description: 'Names the request: 1 to 128 visible ASCII characters; anything else is replaced.',
    schema: { type: 'string' },
  });
}

function problemHeaders(code: ProblemCode, more: ResponseHeaders | undefined): ResponseHeaders {
  return { ...(problemKinds[code].retryAfter === undefined ? {} : retryAfterHeader), ...more };
}
