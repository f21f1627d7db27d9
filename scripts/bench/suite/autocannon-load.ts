import autocannon from 'autocannon';
import { percentile } from '../percentile.js';
import type { Load, LoadResult } from './generator.js';

/** Runs autocannon in this process. @throws Error when one answer is not 2xx. */
export async function autocannonLoad({ url, clients, seconds, requests }: Load): Promise<LoadResult> {
  let started = 0;
  const run = autocannon({
    url,
    connections: clients,
    duration: seconds,
    setupClient: (client) => {
      // Each client begins at another place of the list.
      const from = Math.floor((started * requests.length) / clients);
      started += 1;
      client.setRequests(
        [...requests.slice(from), ...requests.slice(0, from)].map(({ method, path, body }) =>
          body === null ? { method, path } : { method, path, body, headers: { 'content-type': 'application/json' } },
        ),
      );
    },
  });
  const latencies: number[] = [];
  run.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) => {
    latencies.push(milliseconds);
  });
  const result = await run;
  if (result.non2xx + result.errors > 0 || result['2xx'] === 0) {
    throw new Error(`${result.non2xx} answers of ${url} were not 2xx, ${result.errors} requests had none`);
  }
  latencies.sort((left, right) => left - right);
  return {
    requests: result['2xx'],
    seconds: result.duration,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
  };
}
