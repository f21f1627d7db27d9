import { jsonOf } from './http-request.js';
import type { HttpAnswer } from './http-request.js';

/** Kinds of request, by what they may be answered with. */
export type RequestKind = 'read' | 'list' | 'write' | 'conditionalWrite';

/**
 * What an answer says of a request.
 *
 * - `done`: it was carried out. `missing`: the key is not there. `refused`: its condition did not hold.
 * - `didNotHappen`: for certain. `unknown`: it may have happened.
 */
export type Meaning = 'done' | 'missing' | 'refused' | 'didNotHappen' | 'unknown';

export interface Judgement {
  readonly meaning: Meaning;
  /** Status and code, for the history. */
  readonly label: string;
  /** What about the answer is not as documented; null: nothing. */
  readonly complaint: string | null;
}

interface Documented {
  readonly status: number;
  readonly meaning: Meaning;
  readonly kinds: readonly RequestKind[];
  readonly retryAfter: boolean;
}

const every: readonly RequestKind[] = ['read', 'list', 'write', 'conditionalWrite'];
const reads: readonly RequestKind[] = ['read', 'list'];
const writes: readonly RequestKind[] = ['write', 'conditionalWrite'];

/** The documented errors that the requests of the workload can meet. */
const documented: Readonly<Record<string, Documented>> = {
  KEY_NOT_FOUND: { status: 404, meaning: 'missing', kinds: ['read'], retryAfter: false },
  CONDITION_FAILED: { status: 412, meaning: 'refused', kinds: ['conditionalWrite'], retryAfter: false },
  STARTING: { status: 503, meaning: 'didNotHappen', kinds: every, retryAfter: true },
  NO_LEADER: { status: 503, meaning: 'didNotHappen', kinds: every, retryAfter: true },
  NO_MEMBER: { status: 503, meaning: 'didNotHappen', kinds: every, retryAfter: false },
  OVERLOADED: { status: 503, meaning: 'didNotHappen', kinds: every, retryAfter: true },
  SHUTTING_DOWN: { status: 503, meaning: 'didNotHappen', kinds: every, retryAfter: true },
  TIMEOUT: { status: 504, meaning: 'didNotHappen', kinds: reads, retryAfter: false },
  OUTCOME_UNKNOWN: { status: 504, meaning: 'unknown', kinds: writes, retryAfter: false },
  STORAGE_FULL: { status: 507, meaning: 'didNotHappen', kinds: writes, retryAfter: false },
};

const problemMembers = ['type', 'title', 'detail', 'code', 'requestId'];

/** Reads an answer strictly: whatever is not documented is a complaint. */
export function judge(kind: RequestKind, answer: HttpAnswer): Judgement {
  const { status } = answer;
  if (status === 200) {
    return { meaning: 'done', label: '200', complaint: null };
  }
  const body = jsonOf(answer);
  const code = codeOf(body);
  const label = `${status} ${code}`;
  const known = documented[code];
  if (known === undefined) {
    return { meaning: 'unknown', label, complaint: `a ${kind} was answered ${label}: ${answer.text.slice(0, 200)}` };
  }
  const faults = [
    known.status === status ? null : `the status of ${code} is ${known.status}`,
    known.kinds.includes(kind) ? null : `a ${kind} is never answered so`,
    known.retryAfter && !/^[1-9]\d*$/.test(answer.headers['retry-after'] ?? '') ? 'Retry-After is missing' : null,
    String(answer.headers['content-type']).startsWith('application/problem+json')
      ? null
      : 'the content type is another',
    problemFault(body, status),
  ].filter((fault) => fault !== null);
  const complaint = faults.length === 0 ? null : `a ${kind} was answered ${label}: ${faults.join('; ')}`;
  return { meaning: known.meaning, label, complaint };
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : 'without a code';
}

function problemFault(body: unknown, status: number): string | null {
  if (typeof body !== 'object' || body === null || !('status' in body) || body.status !== status) {
    return 'the body names another status';
  }
  const members = new Map<string, unknown>(Object.entries(body));
  const missing = problemMembers.filter((name) => typeof members.get(name) !== 'string');
  return missing.length === 0 ? null : `the body has no ${missing.join(', ')}`;
}
