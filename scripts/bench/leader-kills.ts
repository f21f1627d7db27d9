import { setTimeout as pause } from 'node:timers/promises';
import { buildWhereStale } from '../cluster/build.js';
import { readCount, readFlags } from './read-flags.js';
import { BenchCluster } from './targets.js';
import { TrialWriters } from './trial-writers.js';
import { verifyWrites } from './verify-writes.js';

const WRITERS = 4;
/** Writes go on undisturbed for this time between two kills, in milliseconds. */
const CALM_MS = 1500;

export const KILLS_USAGE = `npm run bench -- kills [--kills N]

Kill -9 of the leader of three nodes under writes: how long no write succeeds; nothing may be lost

  --kills N   how often, default 20
`;

/** @throws UsageError when `args` are not those of {@link KILLS_USAGE}; as {@link killLeaders} does. */
export async function runLeaderKills(args: readonly string[]): Promise<void> {
  const { kills } = readFlags(args, { kills: { type: 'string', default: '20' } });
  buildWhereStale(console.log);
  await killLeaders(readCount('--kills', kills, 1));
}

/**
 * Kills the leader again and again under a write load: how long no write succeeds, and whether anything is lost.
 *
 * @throws Error when an acknowledged write is missing on a node, or the nodes' checksums differ.
 */
async function killLeaders(kills: number): Promise<void> {
  const cluster = await BenchCluster.start();
  try {
    const writers = new TrialWriters(cluster, WRITERS);
    const gapsMs: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(CALM_MS);
      gapsMs.push(await killLeader(cluster, writers));
    }
    await writers.stop();
    report(gapsMs);
    await verifyWrites(cluster, writers.acknowledged);
  } finally {
    await cluster.stop();
  }
}

/** @returns Milliseconds from the kill to the first success of a write that began after it. */
async function killLeader(cluster: BenchCluster, writers: TrialWriters): Promise<number> {
  const leader = await cluster.leader();
  const success = writers.nextSuccess();
  const killedAtMs = performance.now();
  leader.kill();
  const gapMs = (await success) - killedAtMs;
  await leader.ended;
  await cluster.restart(leader.plan.id);
  return gapMs;
}

function report(gapsMs: readonly number[]): void {
  const sorted = gapsMs.map(Math.round).sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(
    `kill -9 of the leader, ${WRITERS} writers: milliseconds to the first success of a write begun afterwards`,
  );
  console.log(`  ${sorted.length} kills, p50 ${String(median)}, worst ${String(sorted.at(-1))}: ${sorted.join(' ')}`);
}
