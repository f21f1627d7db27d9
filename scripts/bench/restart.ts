import { ranUntil } from './recording.js';
import type { Part } from './recording.js';
import type { SingleNode } from './single-node.js';
import { keyOf } from './snapshot-load.js';

const POLL_INTERVAL_MS = 5;

/** One start of a node with data, in milliseconds from the start of its process. */
export interface Restart {
  /** A stale read was answered with a value. */
  readonly firstReadMs: number;
  /** What the main thread ran until then; on a machine that others use it waited for the rest. */
  readonly firstReadRanMs: number;
  /** Every entry of the log was applied. */
  readonly appliedMs: number;
  /** Writes are taken. */
  readonly readyMs: number;
  /** Nothing of the node's own had begun: Node itself and the modules of the program. */
  readonly bootMs: number;
  readonly parts: readonly StartPart[];
}

/** Like {@link Part}, its times from the start of the process. */
export interface StartPart extends Part {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Starts a node that was stopped, waits until it is ready, and stops it again. @throws Error when it does not come up. */
export async function measureRestart(
  node: SingleNode,
  { lastIndex, flags }: { readonly lastIndex: number; readonly flags: readonly string[] },
): Promise<Restart> {
  const spawnedMs = nowMs();
  node.start(flags);
  const since = (): number => nowMs() - spawnedMs;
  const firstReadMs = await node.until(async () => {
    const answer = await node.get(`/key/${keyOf(1)}?level=stale`);
    await answer?.arrayBuffer();
    return answer?.ok === true ? since() : null;
  }, POLL_INTERVAL_MS);
  const appliedMs = await node.until(
    async () => ((await node.status()).raft.appliedIndex >= lastIndex ? since() : null),
    POLL_INTERVAL_MS,
  );
  await node.ready();
  const readyMs = since();
  const recording = await node.stop();
  const { startedMs, parts } = recording;
  return {
    firstReadMs,
    firstReadRanMs: ranUntil(recording, spawnedMs + firstReadMs),
    appliedMs,
    readyMs,
    bootMs: Math.min(...parts.map((part) => part.startMs)) - spawnedMs,
    parts: [
      ...parts
        .filter((part) => part.startMs - startedMs < readyMs)
        .map((part) => ({ ...part, fromMs: part.startMs - spawnedMs, untilMs: part.endMs - spawnedMs })),
    ],
  };
}

/** The figures as lines of text. */
export function restartLines(
  restarts: readonly Restart[],
  { keys, tail }: { readonly keys: number; readonly tail: number },
): string[] {
  return restarts.flatMap((restart, place) => [
    `restart ${place + 1} with ${keys} keys in the snapshot and ${tail} entries after it, from the start of the process:`,
    `  first answered stale read ${restart.firstReadMs.toFixed(0)} ms (${restart.firstReadRanMs.toFixed(0)} on a CPU), log applied ${restart.appliedMs.toFixed(0)} ms, ` +
      `ready ${restart.readyMs.toFixed(0)} ms`,
    `  ${'boot'.padEnd(24)}${range(0, restart.bootMs)}`,
    ...restart.parts.map(
      ({ name, fromMs, untilMs, busyMs, calls }) =>
        `  ${name.padEnd(24)}${range(fromMs, untilMs)}, ${busyMs.toFixed(0)} ms in ${calls} calls`,
    ),
  ]);
}

function range(fromMs: number, untilMs: number): string {
  return `${fromMs.toFixed(0).padStart(6)} to ${untilMs.toFixed(0).padStart(6)} ms`;
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
