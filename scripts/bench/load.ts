import autocannon from 'autocannon';
import type { Client, Request } from 'autocannon';
import { cpuTimeUs } from './cpu-time.js';
import type { Target } from './targets.js';

/** Keys of each client; it writes and reads them in turn. */
const KEYS_PER_CLIENT = 64;
/** Bytes of a value, its quotes included. */
const VALUE_BYTES = 256;

export interface Workload {
  readonly name: string;
  readonly method: 'PUT' | 'GET';
  readonly query: string;
  readonly clients: number;
}

/** One workload against one target for some seconds. */
export interface Block {
  readonly target: string;
  readonly workload: string;
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds from a request to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all processes of the target together, null where the system does not say. */
  readonly cpuUsPerRequest: number | null;
}

/** @throws Error when one answer was not 2xx: the figures would be those of a failure. */
export async function runBlock(target: Target, workload: Workload, seconds: number): Promise<Block> {
  const cpuBefore = cpuTimeUs(target.pids);
  const run = autocannon({
    url: target.url,
    connections: workload.clients,
    duration: seconds,
    setupClient: giveRequests(workload),
  });
  const latencies: number[] = [];
  run.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) => {
    latencies.push(milliseconds);
  });
  const result = await run;
  const cpuAfter = cpuTimeUs(target.pids);
  if (result.non2xx + result.errors > 0 || result['2xx'] === 0) {
    const { non2xx, errors } = result;
    throw new Error(`${workload.name} on ${target.name}: ${non2xx} answers were not 2xx, ${errors} errors`);
  }
  latencies.sort((left, right) => left - right);
  return {
    target: target.name,
    workload: workload.name,
    seconds: result.duration,
    requests: result['2xx'],
    requestsPerSecond: result['2xx'] / result.duration,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    cpuUsPerRequest: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / result['2xx'],
  };
}

/**
 * Sends `amount` writes as fast as the clients go.
 *
 * @returns Seconds that it took.
 * @throws Error when one answer was not 2xx.
 */
export async function runAmount(
  url: string,
  { clients, amount }: { readonly clients: number; readonly amount: number },
): Promise<number> {
  const result = await autocannon({
    url,
    connections: clients,
    amount,
    setupClient: giveRequests({ name: 'amount', method: 'PUT', query: '', clients }),
  });
  if (result.non2xx + result.errors > 0 || result['2xx'] < amount) {
    throw new Error(`of ${amount} writes ${result['2xx']} succeeded, ${result.errors} had no answer`);
  }
  return result.duration;
}

/** Writes every key that {@link runBlock} reads with up to `clients` clients. */
export async function fill(target: Target, clients: number): Promise<void> {
  for (let client = 0; client < clients; client += 1) {
    for (const { path, body } of requestsOf({ name: 'fill', method: 'PUT', query: '', clients: 1 }, client)) {
      const answer = await fetch(target.url + path, { method: 'PUT', body: body ?? null });
      await answer.arrayBuffer();
      if (!answer.ok) {
        throw new Error(`PUT ${path} on ${target.name} answered ${answer.status}`);
      }
    }
  }
}

/** Gives each client keys of its own. */
function giveRequests(workload: Workload): (client: Client) => void {
  let nextClient = 0;
  return (client) => {
    client.setRequests(requestsOf(workload, nextClient));
    nextClient += 1;
  };
}

function requestsOf({ method, query }: Workload, client: number): Request[] {
  return Array.from({ length: KEYS_PER_CLIENT }, (_, position) => {
    const request = { method, path: `/key/bench/${client}/${position}${query}` };
    if (method === 'GET') {
      return request;
    }
    return { ...request, headers: { 'content-type': 'application/json' }, body: value(`${client}/${position}`) };
  });
}

/** JSON text that differs from key to key. */
function value(key: string): string {
  return JSON.stringify(key.padEnd(VALUE_BYTES - 2, '.'));
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}
