import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/gi;
const UTF_8 = /^utf-?8$/i;

/** The body that was refused is not read either, so the connection cannot go on behind it. */
const closing = { headers: ['connection', 'close'] };

/**
 * Refuses, before a byte of the body is read, what would not be read as JSON in UTF-8.
 *
 * @throws Problem UNSUPPORTED_MEDIA_TYPE.
 */
export function requirePlainUtf8(request: FastifyRequest): void {
  const { headers } = request.raw;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is, without a Content-Encoding.', closing);
  }
  const type = headers['content-type'];
  if (type?.includes('=') !== true) {
    return;
  }
  for (const [, charset = ''] of type.matchAll(CHARSET)) {
    if (!UTF_8.test(charset)) {
      throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Send the body in UTF-8.', closing);
    }
  }
}

/**
 * Refuses a write that a browser makes for a page of another site: it carries the network position of its user, not the
 * user's wish.
 *
 * @throws Problem CROSS_SITE.
 */
export function refuseCrossSiteWrite(request: FastifyRequest): void {
  if (request.raw.headers['sec-fetch-site'] === 'cross-site' && !SAFE_METHODS.includes(request.method)) {
    const detail = 'A page of another site asked the browser for this write. Use a client of your own.';
    throw new Problem('CROSS_SITE', detail, closing);
  }
}
