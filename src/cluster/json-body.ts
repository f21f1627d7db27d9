import type { z } from 'zod';
import { Problem } from '../http/index.js';
import { decodeText } from '../lib/bytes.js';

/** Longest body in bytes: identifiers and two addresses. */
const BODY_BYTES_MAX = 16 * 1024;

/** Problems of a body that are told at once. */
const SHOWN_PROBLEMS_MAX = 5;

interface BodyForm<T> {
  readonly schema: z.ZodType<T>;
  /** What to send, `with id, httpAddr and raftAddr`. */
  readonly hint: string;
}

/**
 * Reads the JSON object of a request about members.
 *
 * @throws Problem INVALID_JSON where it is no JSON, INVALID_PARAMETER naming the fields that are wrong, BODY_TOO_LARGE.
 */
export function readJsonBody<T>(body: Uint8Array, { schema, hint }: BodyForm<T>): T {
  if (body.length > BODY_BYTES_MAX) {
    throw new Problem('BODY_TOO_LARGE', `The body takes at most ${BODY_BYTES_MAX} bytes.`);
  }
  const parsed = schema.safeParse(parseJson(body, hint), { reportInput: false });
  if (!parsed.success) {
    const texts = parsed.error.issues.slice(0, SHOWN_PROBLEMS_MAX).map((issue) => issueText(issue, hint));
    throw new Problem('INVALID_PARAMETER', texts.join('; '));
  }
  return parsed.data;
}

function parseJson(body: Uint8Array, hint: string): unknown {
  try {
    return JSON.parse(decodeText(body));
  } catch {
    throw new Problem('INVALID_JSON', `Send one JSON object in UTF-8 ${hint}.`);
  }
}

function issueText(
  issue: { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string },
  hint: string,
): string {
  const field = issue.path.map(String).join('.');
  return issue.code === 'unrecognized_keys' || field === ''
    ? `Send an object ${hint} alone`
    : `${field}: ${issue.message}`;
}
