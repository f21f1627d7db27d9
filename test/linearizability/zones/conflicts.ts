import { finding } from './cluster.js';
import type { Cluster, Finding, Zone } from './cluster.js';

/**
 * Two zones contradict each other when each one has an operation that ended before an operation of the other began, so
 * that neither can come first. Without such a pair the zones can be put in order (Gibbons and Korach 1997).
 *
 * So no two forward zones overlap, and no other zone lies inside a forward one. Time O(n log n).
 */
export function findConflict(zones: readonly Zone[]): Finding | null {
  const forward = zones.filter((zone) => zone.isForward).sort((a, b) => a.earliestEnd - b.earliestEnd);
  for (const [index, zone] of forward.entries()) {
    const before = forward[index - 1];
    if (before !== undefined && zone.earliestEnd < before.latestStart) {
      return conflictOf(before, zone);
    }
  }
  for (const zone of zones) {
    if (!zone.isForward) {
      const around = lastThat(forward, (other) => other.earliestEnd < zone.latestStart);
      if (around !== undefined && zone.earliestEnd < around.latestStart) {
        return conflictOf(around, zone);
      }
    }
  }
  return null;
}

/** Revisions say in which order the writes took effect: no operation may have ended before one of an earlier one began. */
export function findRevisionConflict(clusters: readonly Cluster[]): Finding | null {
  const ordered = clusters
    .flatMap(({ zone, revision }) => (revision === null ? [] : [{ zone, revision }]))
    .sort((a, b) => a.revision - b.revision);
  let latest: Zone | null = null;
  for (const { zone } of ordered) {
    if (latest !== null && zone.earliestEnd < latest.latestStart) {
      return finding('the revisions contradict the order of time', zone.first, latest.last);
    }
    latest = latest === null || zone.latestStart > latest.latestStart ? zone : latest;
  }
  return null;
}

/** Of items where all that pass stand before all that do not, the last one that passes. */
export function lastThat<T>(items: readonly T[], passes: (item: T) => boolean): T | undefined {
  let from = 0;
  let until = items.length;
  while (from < until) {
    const middle = (from + until) >>> 1;
    const item = items[middle];
    if (item !== undefined && passes(item)) {
      from = middle + 1;
    } else {
      until = middle;
    }
  }
  return items[from - 1];
}

function conflictOf(a: Zone, b: Zone): Finding {
  return finding('two values hold at one time', a.first, a.last, b.first, b.last);
}
