import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { oneLine } from '../lib/one-line.js';
import { askMember } from './ask-member.js';
import { resolvePeers } from './founding/resolve-peers.js';
import { joinedSchema } from './dto/join.dto.js';
import type { WaitLog } from './wait-log.js';

/** Longest wait for one answer, in milliseconds; above the time that a member waits for a leader by default. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Redirects that one attempt follows: the leader can change while it does. */
const REDIRECTS_MAX = 4;

/** Characters of an answer's detail that are shown. */
const SHOWN_TEXT_MAX = 300;

/** The members refuse this node for good: the operator must change something. */
export class JoinRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JoinRefusedError';
  }
}

export interface JoinOptions {
  /** HTTP addresses of members, `host:port`; asked in turn. */
  readonly targets: readonly string[];
  /** Has members that follow name the leader, instead of asking it. */
  readonly viaLeader?: boolean;
  readonly self: {
    readonly id: string;
    readonly instanceId: string;
    readonly httpAddr: string;
    readonly raftAddr: string;
    /** Of a node that has data: it is refused where they are another cluster's. */
    readonly clusterId?: string;
    /** Comes in as a learner for good. */
    readonly learner?: true;
    /** Takes the place of the instance that has the id. */
    readonly replace?: true;
  };
  /** Ends the attempts: `joinCluster` rejects with its reason. */
  readonly signal: AbortSignal;
  readonly waits: WaitLog;
  /** Pauses between two rounds over all targets, in milliseconds; drawn from the upper half of a doubling range. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
}

const replaceInstanceAdvice =
  "Where the id is this node's and its former data are lost, start it once with -replace; where they are not, start it on them.";

type Outcome =
  | { readonly kind: 'joined'; readonly clusterId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string };

const defaultBackoff = { firstMs: 200, maxMs: 5000 };

/**
 * Asks members to let this node in until one does. Names are resolved on every attempt.
 *
 * @returns The cluster that this node belongs to from now on.
 * @throws JoinRefusedError when a member refuses for good; the reason of the signal when that ends it.
 */
export async function joinCluster(options: JoinOptions): Promise<{ clusterId: string }> {
  const { targets, signal, waits, backoff = defaultBackoff } = options;
  for (let round = 0; ; round += 1) {
    for (const target of await expanded(targets)) {
      const outcome = await ask(target, options);
      if (outcome.kind === 'joined') {
        return { clusterId: outcome.clusterId };
      }
      if (outcome.kind === 'refused') {
        throw new JoinRefusedError(`${target} refuses this node: ${outcome.reason}`);
      }
      waits.note(target, `waiting to join through ${target}: ${outcome.reason}`);
    }
    await pause(round, backoff, signal);
  }
}

/** A name may stand for several members. One that does not resolve now is tried as it is, and the reason is told. */
async function expanded(targets: readonly string[]): Promise<readonly string[]> {
  return (await resolvePeers(targets)) ?? targets;
}

async function ask(target: string, options: JoinOptions): Promise<Outcome> {
  try {
    return await attempt(target, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return { kind: 'retry', reason: failureText(error) };
  }
}

/** Sends the request to `target` and to where its answers point. */
async function attempt(target: string, { self, signal, viaLeader = false }: JoinOptions): Promise<Outcome> {
  const body = JSON.stringify(self);
  let url = new URL(`http://${target}/join${viaLeader ? '?redirect=true' : ''}`);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await askMember(url, { method: 'POST', body, signal, timeoutMs: ATTEMPT_TIMEOUT_MS });
    if (response.status !== 307 && response.status !== 308) {
      return outcomeOf(response.status, response.text);
    }
    const location = new URL(response.location ?? '', url);
    if (location.protocol !== 'http:') {
      return { kind: 'retry', reason: 'it sends this node to an address that is not http' };
    }
    url = location;
  }
  return { kind: 'retry', reason: `more than ${REDIRECTS_MAX} redirects` };
}

function outcomeOf(status: number, text: string): Outcome {
  if (status === 200) {
    const joined = joinedSchema.safeParse(parseJson(text));
    return joined.success
      ? { kind: 'joined', clusterId: joined.data.clusterId }
      : { kind: 'retry', reason: 'it answers 200 with something else than the members' };
  }
  const problem = problemShape.safeParse(parseJson(text));
  if (!problem.success) {
    return { kind: 'retry', reason: `it answers ${status} and is no member that understands the request` };
  }
  const { code, detail } = problem.data;
  const isFinal = code === 'CONFLICT' || code === 'INVALID_PARAMETER';
  const advice = code === 'CONFLICT' ? ` ${replaceInstanceAdvice}` : '';
  return { kind: isFinal ? 'refused' : 'retry', reason: `${code}: ${oneLine(detail, SHOWN_TEXT_MAX)}${advice}` };
}

const problemShape = z.object({ code: z.string().regex(/^[A-Z_]{1,64}$/), detail: z.string() });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `fetch` tells why it failed in the cause of its error, which a name that does not resolve and a closed port share. */
const failureShape = z.object({
  name: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  cause: z.unknown().optional(),
});

function failureText(error: unknown): string {
  const failure = failureShape.safeParse(error).data;
  const { name, code, message } = failureShape.safeParse(failure?.cause).data ?? failure ?? {};
  if (name === 'TimeoutError') {
    return `no answer within ${ATTEMPT_TIMEOUT_MS} ms`;
  }
  return oneLine(code ?? message ?? 'it cannot be reached', SHOWN_TEXT_MAX);
}

async function pause(
  round: number,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  signal: AbortSignal,
): Promise<void> {
  const ceilingMs = Math.min(maxMs, firstMs * 2 ** Math.min(round, 16));
  try {
    await sleep(ceilingMs * (0.5 + Math.random() / 2), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
