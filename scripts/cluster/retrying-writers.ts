import { setTimeout as pause } from 'node:timers/promises';

/** An attempt that takes longer counts as unanswered, in milliseconds. */
const ATTEMPT_MS = 6000;
/** A write that has not succeeded by then has failed. */
const PATIENCE_MS = 15_000;
const PAUSE_AFTER_FAILURE_MS = 10;

/** A write that did not succeed in the end. */
export interface FailedWrite {
  readonly key: string;
  /** What the last attempt came to. */
  readonly reason: string;
}

/**
 * Clients as they should be: each writes keys of its own, each once, and sends a write that was not answered with 200 again,
 * to the next node and with the same Idempotency-Key.
 */
export class RetryingWriters {
  /** Keys whose writes were acknowledged; the value is the key. */
  readonly acknowledged: string[] = [];
  readonly failed: FailedWrite[] = [];
  /** Moments of the successes, by `performance.now()`. */
  private readonly successesMs: number[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly running: readonly Promise<void>[];
  private isStopped = false;

  /** @param urls - Of the nodes, without a slash at the end. */
  constructor(
    private readonly urls: readonly string[],
    count: number,
  ) {
    this.running = Array.from({ length: count }, (_, writer) => this.write(writer));
  }

  /** The longest time without a success, in milliseconds, of those that ended between two moments. */
  longestPauseMs({ fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }): number {
    const pauses = this.successesMs.map((atMs, place) =>
      atMs < fromMs || atMs > untilMs ? 0 : atMs - (this.successesMs[place - 1] ?? fromMs),
    );
    return Math.max(0, ...pauses);
  }

  /** Resolves after `count` more successes. */
  async successes(count: number): Promise<void> {
    const until = this.acknowledged.length + count;
    while (this.acknowledged.length < until) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running);
  }

  private async write(writer: number): Promise<void> {
    for (let number = 0; !this.isStopped; number += 1) {
      const key = `writer-${writer}/${number}`;
      const reason = await this.writeKey(key, writer);
      if (reason === null) {
        this.acknowledged.push(key);
        this.successesMs.push(performance.now());
      } else {
        this.failed.push({ key, reason });
      }
      this.waiting.forEach((resolve) => {
        resolve();
      });
      this.waiting.clear();
    }
  }

  /** @returns Null, or why it failed. */
  private async writeKey(key: string, writer: number): Promise<string | null> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let attempt = 0; ; attempt += 1) {
      const url = this.urls[(writer + attempt) % this.urls.length] ?? '';
      const reason = await put(`${url}/key/${key}`, key);
      if (reason === null || performance.now() > untilMs) {
        return reason;
      }
      await pause(PAUSE_AFTER_FAILURE_MS);
    }
  }
}

/** @returns Null where it was acknowledged, or what came instead. */
async function put(url: string, key: string): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      method: 'PUT',
      body: JSON.stringify(key),
      headers: { 'idempotency-key': key },
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    const text = await answer.text();
    return answer.status === 200 ? null : `${answer.status} ${text}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return `${error instanceof Error ? error.message : String(error)}${cause}`;
  }
}
