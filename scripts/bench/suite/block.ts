import { setTimeout as pause } from 'node:timers/promises';
import { cpuTimeUs } from '../cpu-time.js';
import type { Generator } from './generator.js';
import type { BenchRequest } from './requests.js';
import type { System } from './system.js';
import { keyOf, valueOf } from './workloads.js';
import type { Workload } from './workloads.js';

const KEYS_PER_FILL = 100;
/** Of values: a body has a limit. */
const BYTES_PER_FILL = 512 * 1024;
const FILLS_AT_ONCE = 16;

/** Blocks of one workload in which the leader may change. */
const ATTEMPTS_MAX = 3;

export interface BlockOptions {
  readonly generator: Generator;
  readonly seconds: number;
  /** For files of the generator. */
  readonly folder: string;
}

interface Block extends BlockOptions {
  readonly workload: Workload;
  readonly requests: readonly BenchRequest[];
  readonly urls: readonly string[];
}

/** One workload on one system for some seconds. */
export interface BlockResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all processes of the system together, null where the machine does not say. */
  readonly cpuUsPerRequest: number | null;
}

/**
 * Runs a block anew where the leader changed meanwhile: its figures would be those of an election, or of a follower.
 *
 * @returns Null where the system has no such thing.
 * @throws Error when one answer is not 2xx, or the leader changes every time.
 */
export async function runBlock(system: System, workload: Workload, options: BlockOptions): Promise<BlockResult | null> {
  const requests = workload.requests(system.dialect);
  if (requests === null) {
    return null;
  }
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const urls = await system.urls();
    const result = await runOnce(system, { workload, requests, urls: aimed(urls, workload), ...options });
    if ((await system.urls())[0] === urls[0]) {
      return result;
    }
  }
  throw new Error(`the leader of ${system.name} changed in each block of ${workload.name}`);
}

async function runOnce(
  system: System,
  { workload, requests, urls, generator, seconds, folder }: Block,
): Promise<BlockResult> {
  const cpuBefore = cpuTimeUs(system.pids);
  const parts = await Promise.all(
    urls.map((url, place) => {
      const clients = Math.floor(workload.clients / urls.length) + (place < workload.clients % urls.length ? 1 : 0);
      return generator.run({ url, clients, seconds, requests, folder });
    }),
  );
  const cpuAfter = cpuTimeUs(system.pids);
  const total = parts.reduce((sum, part) => sum + part.requests, 0);
  return {
    requestsPerSecond: parts.reduce((sum, part) => sum + part.requests / part.seconds, 0),
    // Of several addresses the worst one counts.
    p50Ms: Math.max(...parts.map((part) => part.p50Ms)),
    p99Ms: Math.max(...parts.map((part) => part.p99Ms)),
    cpuUsPerRequest:
      cpuBefore === null || cpuAfter === null || system.pids.length === 0 ? null : (cpuAfter - cpuBefore) / total,
  };
}

function aimed(urls: readonly string[], { aim }: Workload): readonly string[] {
  switch (aim) {
    case 'leader':
      return urls.slice(0, 1);
    case 'follower':
      return urls.slice(-1);
    case 'all':
      return urls;
  }
}

/** Which keys are stored, each with a value of 256 bytes unless it says otherwise. */
interface Filling {
  /** The number of the first key. */
  readonly from: number;
  readonly until: number;
  readonly valueBytes?: number;
}

/** Stores the first `keys` keys. @throws Error when a request fails. */
export function fillKeys(system: System, keys: number): Promise<void> {
  return fillRange(system, { from: 0, until: keys });
}

/** Stores keys, many in a request where the system has such. @throws Error when one fails. */
export async function fillRange(system: System, { from, until, valueBytes = 256 }: Filling): Promise<void> {
  const keysPerFill = Math.max(1, Math.min(KEYS_PER_FILL, Math.floor(BYTES_PER_FILL / valueBytes)));
  const [url = ''] = await system.urls();
  let next = from;
  const filler = async (): Promise<void> => {
    while (next < until) {
      const first = next;
      next = Math.min(until, first + keysPerFill);
      const entries = Array.from({ length: next - first }, (_, place) => entryOf(first + place, valueBytes));
      for (const request of fillRequests(system, entries)) {
        await sendUntilTaken(url, request);
      }
    }
  };
  await Promise.all(Array.from({ length: FILLS_AT_ONCE }, filler));
}

type Entry = readonly [key: string, value: string];

function entryOf(key: number, valueBytes: number): Entry {
  return [keyOf(key), valueOf(key, valueBytes)];
}

function fillRequests({ dialect }: System, entries: readonly Entry[]): BenchRequest[] {
  const together = dialect.putMany(entries);
  return together === null ? entries.map(([key, value]) => dialect.put(key, value)) : [together];
}

/** Sends a request, again after each refusal that says when to come back. @throws Error when it is answered otherwise than with 2xx. */
export async function sendUntilTaken(url: string, request: BenchRequest): Promise<void> {
  const { method, path, body } = request;
  const answer = await fetch(`${url}${path}`, {
    method,
    body,
    headers: { 'content-type': 'application/json' },
  });
  await answer.arrayBuffer();
  const retryAfter = answer.headers.get('retry-after');
  if (answer.status === 503 && retryAfter !== null) {
    await pause(Number(retryAfter) * 1000);
    await sendUntilTaken(url, request);
  } else if (!answer.ok) {
    throw new Error(`${method} ${path} at ${url} was answered ${answer.status}`);
  }
}
