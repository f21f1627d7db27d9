import { RetryingWriters } from '../cluster/retrying-writers.js';
import { BenchCluster } from './targets.js';
import { buildWhereStale } from '../cluster/build.js';
import { readCount, readFlags } from './read-flags.js';
import { verifyWrites } from './verify-writes.js';

const WRITERS = 4;
/** Successes between two restarts. */
const CALM_WRITES = 500;
/** A node that is asked to stop has as long as by default. */
const STOP_GRACE_MS = 15_000;

export const ROLLING_USAGE = `npm run bench -- rolling [--rounds N]

A rolling restart of three nodes under ${WRITERS} writers that retry with an Idempotency-Key: each node in turn gets SIGTERM, is
started again and waited for. No write may fail or be lost; for each restart the longest time without a success is shown.

  --rounds N     how often each node is restarted, default 3
`;

interface Restart {
  readonly id: string;
  readonly wasLeader: boolean;
  readonly pauseMs: number;
}

/** @throws UsageError when `args` are not those of {@link ROLLING_USAGE}, Error when a write failed or is lost. */
export async function runRollingRestart(args: readonly string[]): Promise<void> {
  const values = readFlags(args, { rounds: { type: 'string', default: '3' } });
  const rounds = readCount('--rounds', values.rounds, 1);
  buildWhereStale(console.log);
  const cluster = await BenchCluster.start();
  try {
    const writers = new RetryingWriters(cluster.urls, WRITERS);
    const restarts: Restart[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const { plan } of cluster.nodes) {
        await writers.successes(CALM_WRITES);
        const restart = await restartNode(cluster, writers, plan.id);
        restarts.push(restart);
        console.log(`round ${round}: ${describe(restart)}`);
      }
    }
    await writers.stop();
    report(restarts);
    if (writers.failed.length > 0) {
      throw new Error(`${writers.failed.length} writes failed, the first: ${JSON.stringify(writers.failed[0])}`);
    }
    await verifyWrites(cluster, writers.acknowledged);
  } finally {
    await cluster.stop();
  }
}

async function restartNode(cluster: BenchCluster, writers: RetryingWriters, id: string): Promise<Restart> {
  const wasLeader = (await cluster.leader()).plan.id === id;
  const fromMs = performance.now();
  await cluster.nodes.find(({ plan }) => plan.id === id)?.stop(STOP_GRACE_MS);
  await cluster.restart(id);
  await writers.successes(WRITERS);
  return { id, wasLeader, pauseMs: writers.longestPauseMs({ fromMs, untilMs: performance.now() }) };
}

function describe({ id, wasLeader, pauseMs }: Restart): string {
  return `${id}, ${wasLeader ? 'leader, hands over' : 'follower'}: ${Math.round(pauseMs)} ms without a success at most`;
}

function report(restarts: readonly Restart[]): void {
  for (const wasLeader of [true, false]) {
    const those = restarts.filter((restart) => restart.wasLeader === wasLeader);
    const sorted = those.map(({ pauseMs }) => Math.round(pauseMs)).sort((left, right) => left - right);
    if (sorted.length > 0) {
      const median = sorted[Math.floor(sorted.length / 2)];
      const who = wasLeader ? 'leader' : 'follower';
      console.log(
        `${sorted.length} restarts of a ${who}: longest pauses p50 ${String(median)} ms, worst ${String(sorted.at(-1))} ms`,
      );
    }
  }
}
