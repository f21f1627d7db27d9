import { median, percentile } from '../percentile.js';
import { ClientPool } from './client-pool.js';
import type { Answer } from './client-pool.js';
import { rawRequests } from './requests.js';
import type { BenchRequest } from './requests.js';

/** Requests that may be under way: above it the rate is more than the server takes. */
const UNDER_WAY_MAX = 5000;
const CONNECTIONS_MAX = 256;
/** How long answers are waited for after the last request was due, in milliseconds. */
const LAST_ANSWERS_MS = 15_000;

/** What is sent by the clock. */
export interface ClockedLoad {
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Sent in turn, over and over. */
  readonly requests: readonly BenchRequest[];
  /** How many are open at most; a request that finds none free waits, and its time goes on. */
  readonly connections: number;
  /** Whether all of them are opened before the first request is due. */
  readonly opensFirst?: boolean;
}

/** One request and what came of it. */
export interface Answered extends Answer {
  /** From when it was due until it was answered. */
  readonly latencyMs: number;
  /** From when it left on a connection, for which it may have waited; NaN: it never did. */
  readonly servedMs: number;
  /** When it was answered, from the beginning of the run. */
  readonly atMs: number;
}

export interface OpenLoopResult {
  readonly rate: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** The medians of several runs at one rate. */
export function medianOf(runs: readonly OpenLoopResult[]): OpenLoopResult {
  const of = (figure: keyof OpenLoopResult): number => median(runs.map((run) => run[figure]));
  return { rate: of('rate'), requests: of('requests'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), p999Ms: of('p999Ms') };
}

/**
 * Measures a rate that the server takes.
 *
 * @throws Error when one answer is not 2xx, or too many requests are under way.
 */
export async function runOpenLoop(url: string, load: Omit<ClockedLoad, 'connections'>): Promise<OpenLoopResult> {
  const latencies: number[] = [];
  await sendByClock(url, { ...load, connections: CONNECTIONS_MAX }, ({ status, latencyMs }, underWay) => {
    if (!isAccepted(status)) {
      throw new Error(status === 0 ? `${url} did not answer` : `an answer of ${url} was ${status}`);
    }
    if (underWay > UNDER_WAY_MAX) {
      throw new Error(`${load.rate} requests a second are more than ${url} takes`);
    }
    latencies.push(latencyMs);
  });
  latencies.sort((left, right) => left - right);
  return {
    rate: load.rate,
    requests: latencies.length,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    p999Ms: percentile(latencies, 99.9),
  };
}

export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

/** What came of a request that was due at a time, in a run that began at another. */
export function answeredAt(
  nowMs: number,
  { answer, dueMs, startMs }: { readonly answer: Answer; readonly dueMs: number; readonly startMs: number },
): Answered {
  // One by one: copying an unknown object takes a client more time than reading its answer.
  const { status, retryAfter, sentMs } = answer;
  return { status, retryAfter, sentMs, latencyMs: nowMs - dueMs, servedMs: nowMs - sentMs, atMs: nowMs - startMs };
}

/**
 * Sends requests at a fixed rate, whether or not the ones before were answered, as independent users do. The time of a
 * request counts from when it was due: one that waits behind a stall has waited.
 *
 * @param note - Told of every request, one without an answer in the end included, and how many are under way then; what it
 *   throws ends the run.
 */
export async function sendByClock(
  url: string,
  { rate, seconds, requests, connections, opensFirst = false }: ClockedLoad,
  note: (answered: Answered, underWay: number) => void,
): Promise<void> {
  const raw = rawRequests(url, requests);
  const pool = new ClientPool(url, connections);
  if (opensFirst) {
    await pool.open();
  }
  const total = Math.floor(rate * seconds);
  let isOver = false;
  // Who has no answer by then gets none.
  const timer = setTimeout(
    () => {
      pool.close();
    },
    seconds * 1000 + LAST_ANSWERS_MS,
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const startMs = performance.now();
      let sent = 0;
      let answered = 0;
      const noteOne = (answer: Answer, dueMs: number): void => {
        const nowMs = performance.now();
        answered += 1;
        try {
          note(answeredAt(nowMs, { answer, dueMs, startMs }), sent - answered);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (answered === total) {
          resolve();
        }
      };
      const sendDue = (): void => {
        const due = Math.min(total, Math.floor(((performance.now() - startMs) * rate) / 1000) + 1);
        for (; sent < due; sent += 1) {
          const dueMs = startMs + (sent * 1000) / rate;
          pool.send(raw[sent % raw.length] ?? Buffer.alloc(0), (answer) => {
            noteOne(answer, dueMs);
          });
        }
        if (sent < total && !isOver) {
          setTimeout(sendDue, 1);
        }
      };
      sendDue();
    });
  } finally {
    isOver = true;
    clearTimeout(timer);
    pool.close();
  }
}
