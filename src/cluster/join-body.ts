import { decodeText } from '../lib/bytes.js';
import { Problem } from '../http/index.js';
import { joinSchema } from './dto/join.dto.js';
import type { JoinBody } from './dto/join.dto.js';

/** Longest body of a join in bytes: identifiers and two addresses. */
const JOIN_BYTES_MAX = 16 * 1024;

/**
 * Reads the body of `POST /join`.
 *
 * @throws Problem INVALID_JSON where it is no JSON, INVALID_PARAMETER naming the fields that are wrong.
 */
export function readJoinBody(body: Uint8Array): JoinBody {
  if (body.length > JOIN_BYTES_MAX) {
    throw new Problem('BODY_TOO_LARGE', `The body of a join takes at most ${JOIN_BYTES_MAX} bytes.`);
  }
  const parsed = joinSchema.safeParse(parseJson(body), { reportInput: false });
  if (!parsed.success) {
    throw new Problem('INVALID_PARAMETER', parsed.error.issues.slice(0, 5).map(issueText).join('; '));
  }
  return parsed.data;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(body));
  } catch {
    throw new Problem('INVALID_JSON', 'Send one JSON object in UTF-8 with id, httpAddr and raftAddr.');
  }
}

function issueText(issue: {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}): string {
  if (issue.code === 'unrecognized_keys') {
    return 'Send id, httpAddr, raftAddr, instanceId and replace alone';
  }
  const field = issue.path.map(String).join('.');
  return field === '' ? 'Send an object with id, httpAddr and raftAddr' : `${field}: ${issue.message}`;
}
