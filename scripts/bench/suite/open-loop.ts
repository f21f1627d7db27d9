import { Agent, request } from 'node:http';
import { median, percentile } from '../percentile.js';
import type { BenchRequest } from './requests.js';

/** Requests that may be under way: above it the rate is more than the server takes. */
const UNDER_WAY_MAX = 5000;

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
 * Sends requests at a fixed rate, whether or not the ones before were answered, as independent users do. The time of a
 * request counts from when it was due: one that waits behind a stall has waited.
 *
 * @param rate - Requests a second.
 * @throws Error when one answer is not 2xx, or too many are under way.
 */
export async function runOpenLoop(
  url: string,
  {
    rate,
    seconds,
    requests,
  }: { readonly rate: number; readonly seconds: number; readonly requests: readonly BenchRequest[] },
): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const total = Math.floor(rate * seconds);
  const latencies: number[] = [];
  const startMs = performance.now();
  try {
    await new Promise<void>((resolve, reject) => {
      let sent = 0;
      const sendDue = (): void => {
        const due = Math.min(total, Math.floor(((performance.now() - startMs) * rate) / 1000) + 1);
        for (; sent < due; sent += 1) {
          const dueMs = startMs + (sent * 1000) / rate;
          send(agent, url, requests[sent % requests.length]).then(() => {
            latencies.push(performance.now() - dueMs);
            if (latencies.length === total) {
              resolve();
            }
          }, reject);
        }
        if (sent - latencies.length > UNDER_WAY_MAX) {
          reject(new Error(`${rate} requests a second are more than ${url} takes`));
        } else if (sent < total) {
          setTimeout(sendDue, 1);
        }
      };
      sendDue();
    });
  } finally {
    agent.destroy();
  }
  latencies.sort((left, right) => left - right);
  return {
    rate,
    requests: total,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    p999Ms: percentile(latencies, 99.9),
  };
}

function send(agent: Agent, url: string, bench: BenchRequest | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${bench?.path ?? ''}`,
      { agent, method: bench?.method ?? 'GET', headers: { 'content-type': 'application/json' } },
      (answer) => {
        const isGood = answer.statusCode !== undefined && answer.statusCode < 300;
        answer.resume().once('end', () => {
          if (isGood) {
            resolve();
          } else {
            reject(new Error(`an answer of ${url} was ${String(answer.statusCode)}`));
          }
        });
      },
    );
    sent.once('error', reject);
    sent.end(bench?.body ?? undefined);
  });
}
