import { setTimeout as pause } from 'node:timers/promises';
import type { BenchCluster } from './targets.js';

/** A request that takes longer counts as unanswered. */
const ANSWER_TIMEOUT_MS = 6000;
const PAUSE_AFTER_FAILURE_MS = 5;

/** Writes keys of their own, each once, until they are stopped; a write that fails is tried at the next node. */
export class TrialWriters {
  /** Keys whose writes were acknowledged; the value is the key. */
  readonly acknowledged: string[] = [];
  private isStopped = false;
  private nextKey = 0;
  private readonly running: Promise<void>[];
  private waiting: { readonly sinceMs: number; readonly resolve: (atMs: number) => void } | null = null;

  constructor(
    private readonly cluster: BenchCluster,
    count: number,
  ) {
    this.running = Array.from({ length: count }, (_, writer) => this.write(writer));
  }

  /** Resolves with the moment of the first success of a write that began after this call. */
  async nextSuccess(): Promise<number> {
    return new Promise((resolve) => {
      this.waiting = { sinceMs: performance.now(), resolve };
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running);
  }

  private async write(writer: number): Promise<void> {
    while (!this.isStopped) {
      this.nextKey += 1;
      await this.writeKey(`trial/${writer}/${this.nextKey}`, writer);
    }
  }

  private async writeKey(key: string, writer: number): Promise<void> {
    const startMs = performance.now();
    const { urls } = this.cluster;
    for (let attempt = 0; attempt < urls.length; attempt += 1) {
      if (await put(`${urls[(writer + attempt) % urls.length] ?? ''}/key/${key}`, key)) {
        this.acknowledged.push(key);
        this.noteSuccess(startMs);
        return;
      }
      await pause(PAUSE_AFTER_FAILURE_MS);
    }
  }

  private noteSuccess(startMs: number): void {
    if (this.waiting !== null && startMs >= this.waiting.sinceMs) {
      this.waiting.resolve(performance.now());
      this.waiting = null;
    }
  }
}

async function put(url: string, value: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(value), signal });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
