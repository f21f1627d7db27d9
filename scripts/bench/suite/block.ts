import { cpuTimeUs } from '../cpu-time.js';
import type { Generator } from './generator.js';
import type { BenchRequest } from './requests.js';
import type { System } from './system.js';
import { keyOf, valueOf } from './workloads.js';
import type { Workload } from './workloads.js';

const KEYS_PER_FILL = 100;
const FILLS_AT_ONCE = 16;

/** Blocks of one workload in which the leader may change. */
const ATTEMPTS_MAX = 3;

interface BlockOptions {
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

/** Stores the first `keys` keys, many in a request where the system has such. @throws Error when one fails. */
export async function fillKeys(system: Pick<System, 'dialect' | 'urls'>, keys: number): Promise<void> {
  const requests = fillRequests(system, keys);
  const [url = ''] = await system.urls();
  let next = 0;
  const filler = async (): Promise<void> => {
    for (let request = requests[next]; request !== undefined; request = requests[next]) {
      next += 1;
      await sendOne(url, request);
    }
  };
  await Promise.all(Array.from({ length: FILLS_AT_ONCE }, filler));
}

function fillRequests({ dialect }: Pick<System, 'dialect'>, keys: number): BenchRequest[] {
  const entries = Array.from({ length: keys }, (_, key) => [keyOf(key), valueOf(key, 256)] as const);
  const parts = Array.from({ length: Math.ceil(keys / KEYS_PER_FILL) }, (_, place) =>
    entries.slice(place * KEYS_PER_FILL, (place + 1) * KEYS_PER_FILL),
  );
  return parts.flatMap((part) => dialect.putMany(part) ?? part.map(([key, value]) => dialect.put(key, value)));
}

async function sendOne(url: string, { method, path, body }: BenchRequest): Promise<void> {
  const answer = await fetch(`${url}${path}`, {
    method,
    body,
    headers: { 'content-type': 'application/json' },
  });
  await answer.arrayBuffer();
  if (!answer.ok) {
    throw new Error(`${method} ${path} at ${url} was answered ${answer.status}`);
  }
}
