import { setTimeout as pause } from 'node:timers/promises';
import { BenchCluster } from './targets.js';
import { TrialWriters } from './trial-writers.js';

const WRITERS = 4;
/** Writes go on undisturbed for this time between two kills, in milliseconds. */
const CALM_MS = 1500;
/** Keys that are read back at a time. */
const READS_AT_ONCE = 50;

/**
 * Kills the leader again and again under a write load: how long no write succeeds, and whether anything is lost.
 *
 * @throws Error when an acknowledged write is missing on a node, or the nodes' checksums differ.
 */
export async function runLeaderKills(kills: number): Promise<void> {
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
    await verify(cluster, writers.acknowledged);
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

async function verify(cluster: BenchCluster, keys: readonly string[]): Promise<void> {
  let lost = 0;
  for (const url of cluster.urls) {
    for (let from = 0; from < keys.length; from += READS_AT_ONCE) {
      const reads = keys.slice(from, from + READS_AT_ONCE).map(async (key) => isThere(url, key));
      lost += (await Promise.all(reads)).filter((isFound) => !isFound).length;
    }
  }
  const checksums = await cluster.settledChecksums();
  console.log(`  ${keys.length} writes acknowledged, ${lost} missing on a node; checksums ${checksums.join(' ')}`);
  if (lost > 0 || new Set(checksums).size !== 1) {
    throw new Error('an acknowledged write was lost, or the nodes differ');
  }
}

async function isThere(url: string, key: string): Promise<boolean> {
  const answer = await fetch(`${url}/key/${key}?level=consistent`);
  const body = (await answer.json()) as Record<string, unknown>;
  return body[key] === key;
}
