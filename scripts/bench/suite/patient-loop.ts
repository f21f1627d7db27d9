import { setTimeout as pause } from 'node:timers/promises';
import { ClientPool } from './client-pool.js';
import type { Answer } from './client-pool.js';
import type { TurnLoad } from './closed-loop.js';
import { answeredAt } from './open-loop.js';
import type { Answered } from './open-loop.js';
import { rawRequests } from './requests.js';

/** From an answer that names no pause to the next request of the same client, in milliseconds. */
const PAUSE_MS = 1000;

/**
 * Clients that are in no hurry and do what they are told: each sends one request a second, and after a refusal waits as long as
 * its `Retry-After` says.
 *
 * @param note - Told of every request.
 */
export async function sendPatiently(
  url: string,
  { seconds, requests, connections }: TurnLoad,
  note: (answered: Answered) => void,
): Promise<void> {
  const raw = rawRequests(url, requests);
  // A connection each: a shared one that another client was refused on a moment ago says nothing about this one.
  const pools = Array.from({ length: connections }, () => new ClientPool(url, 1));
  await Promise.all(pools.map((pool) => pool.open()));
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const client = async (pool: ClientPool, place: number): Promise<void> => {
    // Not all of them at the same moment.
    let waitMs = (place * PAUSE_MS) / connections;
    for (let sent = place; performance.now() + waitMs < endMs; sent += connections) {
      await pause(waitMs);
      const dueMs = performance.now();
      const answer = await new Promise<Answer>((resolve) => {
        pool.send(raw[sent % raw.length] ?? Buffer.alloc(0), resolve);
      });
      note(answeredAt(performance.now(), { answer, dueMs, startMs }));
      waitMs = answer.retryAfter === null ? PAUSE_MS : answer.retryAfter * 1000;
    }
  };
  try {
    await Promise.all(pools.map(client));
  } finally {
    for (const pool of pools) {
      pool.close();
    }
  }
}
