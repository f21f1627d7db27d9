import type { KeyOperation } from '../key-operation.js';
import { finding } from './cluster.js';
import type { Cluster, Finding, Zone } from './cluster.js';
import { lastThat } from './conflicts.js';

/**
 * Finds the removal that each observation of an absent key saw, and adds the observation to its cluster.
 *
 * Removals all write the same, so they are told apart by time: a removal explains an observation unless it began after
 * it, or a value must lie between the two: a value of which an operation began after the removal ended and an operation
 * ended before the observation began. Time O(n log n).
 *
 * @returns The observations that more than one removal explains.
 */
export function explainAbsences(
  absences: readonly KeyOperation[],
  { removals, solid }: { removals: readonly Cluster[]; solid: readonly Zone[] },
): readonly KeyOperation[] | Finding {
  const begun = ranked(removals.map(({ write }) => write?.start ?? -Infinity));
  const over = ranked(removals.map(({ write }) => write?.end ?? -Infinity));
  const covers = coversOf(solid);
  const ambiguous: KeyOperation[] = [];
  const explained: { cluster: Cluster; absence: KeyOperation }[] = [];
  for (const absence of absences) {
    const cover = lastThat(covers, ({ earliestEnd }) => earliestEnd < absence.start);
    const coveredUntil = cover?.latestStart ?? -Infinity;
    const inTime = lastThat(begun, ({ time }) => time <= absence.end) ?? NONE_RANKED;
    const tooEarly = lastThat(over, ({ time }) => time < coveredUntil) ?? NONE_RANKED;
    if (inTime.count === tooEarly.count) {
      return finding('a value disappeared that nobody removed', absence, cover?.latest ?? null);
    }
    // Where one is left, the difference of the sums is its index.
    const cluster = removals[inTime.indexSum - tooEarly.indexSum];
    if (inTime.count - tooEarly.count === 1 && cluster !== undefined) {
      explained.push({ cluster, absence });
    } else {
      ambiguous.push(absence);
    }
  }
  explained.forEach(({ cluster, absence }) => {
    cluster.addReader(absence);
  });
  return ambiguous;
}

/** The zones that have ended by some time, and the latest start among them. */
interface Cover {
  readonly earliestEnd: number;
  readonly latestStart: number;
  readonly latest: KeyOperation | null;
}

function coversOf(solid: readonly Zone[]): readonly Cover[] {
  const sorted = [...solid].sort((a, b) => a.earliestEnd - b.earliestEnd);
  let latest: Zone | null = null;
  return sorted.map((zone) => {
    latest = latest === null || zone.latestStart > latest.latestStart ? zone : latest;
    return { earliestEnd: zone.earliestEnd, latestStart: latest.latestStart, latest: latest.last };
  });
}

/** A removal in the order of a time: how many there are up to it, and the sum of their indexes. */
interface Ranked {
  readonly time: number;
  readonly count: number;
  readonly indexSum: number;
}

const NONE_RANKED: Ranked = { time: -Infinity, count: 0, indexSum: 0 };

function ranked(times: readonly number[]): readonly Ranked[] {
  const sorted = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time);
  let indexSum = 0;
  return sorted.map(({ time, index }, position) => {
    indexSum += index;
    return { time, count: position + 1, indexSum };
  });
}
