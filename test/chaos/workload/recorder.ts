import { EventEmitter, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import type { Finding, Observation } from './observation.js';

/** Keeps everything that clients saw, in memory and as JSON lines. */
export class Recorder {
  readonly observations: Observation[] = [];
  readonly findings: Finding[] = [];
  private readonly added = new EventEmitter<{ observation: [Observation] }>();
  private readonly pending = new Set<Observation>();
  private readonly file: WriteStream;
  private readonly counts = new Map<string, number>();

  /** @param onFinding - Called when an answer shows by itself that something is wrong. */
  constructor(
    path: string,
    private readonly onFinding: (finding: Finding) => void,
  ) {
    this.file = createWriteStream(path);
  }

  /** A write is under way and may take effect from now on. @returns What takes that back, once it is recorded. */
  begin(observation: Observation): () => void {
    this.pending.add(observation);
    return () => {
      this.pending.delete(observation);
    };
  }

  /** Everything recorded so far, and what is under way as of unknown outcome. */
  get soFar(): readonly Observation[] {
    return [...this.observations, ...this.pending];
  }

  /** The history file takes the form that `npm run check-history` reads; what that does not know, it leaves alone. */
  add(observation: Observation): void {
    this.observations.push(observation);
    this.added.emit('observation', observation);
    const { operation, ...beside } = observation;
    this.file.write(`${JSON.stringify({ ...operation, ...beside })}\n`);
    const name = `${operation.op} ${operation.outcome}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Resolves with the first write that began after `since` and was acknowledged, or when the signal aborts. */
  async writeAcknowledged(since: number, signal: AbortSignal): Promise<void> {
    for (let isDone = false; !isDone && !signal.aborted;) {
      const [next] = (await once(this.added, 'observation', { signal }).catch(() => [])) as readonly Observation[];
      const operation = next?.operation;
      isDone =
        operation !== undefined && operation.op !== 'get' && operation.outcome === 'ok' && operation.start > since;
    }
  }

  find(finding: Finding): void {
    this.findings.push(finding);
    this.onFinding(finding);
  }

  /** How many operations ended in which way. */
  get tally(): ReadonlyMap<string, number> {
    return this.counts;
  }

  /** Writes out what is still in memory. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.file.end(resolve);
    });
  }
}
