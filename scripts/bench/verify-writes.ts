import type { BenchCluster } from './targets.js';

/** Keys that are read back at a time. */
const READS_AT_ONCE = 50;

/** Reads every key back from every node. @throws Error when one is missing on a node, or the nodes' checksums differ. */
export async function verifyWrites(cluster: BenchCluster, keys: readonly string[]): Promise<void> {
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
