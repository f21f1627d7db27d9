import autocannon from 'autocannon';
import type { Request } from 'autocannon';

/** Keys of each client; it writes them in turn. */
const KEYS_PER_CLIENT = 64;
/** Bytes of a value, its quotes included. */
const VALUE_BYTES = 256;

/**
 * Sends `amount` writes as fast as the clients go, each with keys of its own.
 *
 * @returns Seconds that it took.
 * @throws Error when one answer was not 2xx.
 */
export async function runAmount(
  url: string,
  { clients, amount }: { readonly clients: number; readonly amount: number },
): Promise<number> {
  let nextClient = 0;
  const result = await autocannon({
    url,
    connections: clients,
    amount,
    setupClient: (client) => {
      client.setRequests(requestsOf(nextClient));
      nextClient += 1;
    },
  });
  if (result.non2xx + result.errors > 0 || result['2xx'] < amount) {
    throw new Error(`of ${amount} writes ${result['2xx']} succeeded, ${result.errors} had no answer`);
  }
  return result.duration;
}

function requestsOf(client: number): Request[] {
  return Array.from({ length: KEYS_PER_CLIENT }, (_, position) => ({
    method: 'PUT',
    path: `/key/bench/${client}/${position}`,
    headers: { 'content-type': 'application/json' },
    body: value(`${client}/${position}`),
  }));
}

/** JSON text that differs from key to key. */
function value(key: string): string {
  return JSON.stringify(key.padEnd(VALUE_BYTES - 2, '.'));
}
