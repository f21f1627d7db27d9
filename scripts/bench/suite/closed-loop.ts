import { ClientPool } from './client-pool.js';
import { answeredAt } from './open-loop.js';
import type { Answered, ClockedLoad } from './open-loop.js';
import { rawRequests } from './requests.js';

/** What is sent by clients that wait for their answers. */
export type TurnLoad = Pick<ClockedLoad, 'seconds' | 'requests' | 'connections'>;

/**
 * Sends a request on each connection as soon as the one before is answered: as much as these clients can bring the server to.
 *
 * @param note - Told of every request.
 */
export async function sendInTurn(
  url: string,
  { seconds, requests, connections }: TurnLoad,
  note: (answered: Answered) => void,
): Promise<void> {
  const raw = rawRequests(url, requests);
  const pool = new ClientPool(url, connections);
  await pool.open();
  const startMs = performance.now();
  let sent = 0;
  const client = (): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const dueMs = performance.now();
        if (dueMs - startMs >= seconds * 1000) {
          resolve();
          return;
        }
        sent += 1;
        pool.send(raw[sent % raw.length] ?? Buffer.alloc(0), (answer) => {
          note(answeredAt(performance.now(), { answer, dueMs, startMs }));
          next();
        });
      };
      next();
    });
  try {
    await Promise.all(Array.from({ length: connections }, client));
  } finally {
    pool.close();
  }
}
