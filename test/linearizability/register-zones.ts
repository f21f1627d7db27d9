import type { Operation } from './history.js';
import type { KeyOperation } from './key-operation.js';
import { partition } from './partition.js';
import type { Report, Violation } from './report.js';
import { explainAbsences } from './zones/absences.js';
import { joinChains } from './zones/chains.js';
import type { Chain } from './zones/chains.js';
import { Zone } from './zones/cluster.js';
import type { Finding } from './zones/cluster.js';
import { findConflict, findRevisionConflict } from './zones/conflicts.js';
import { Gathering, isRegisterOfUniqueValues } from './zones/gather.js';

/**
 * Judges registers in which each value is written once, by the times that each value holds: the zones of Gibbons and Korach
 * ("Testing shared memories", 1997). It takes O(n log n) and knows no limit of operations.
 *
 * - An unknown write happened when its value was seen, or a write that happened built on it. It may be left out otherwise.
 * - A compare-and-set that held stands right behind the write that it names, by value or by revision.
 * - A refused one that says the key's revision is a read of the write of that revision.
 * - Removals cannot be told apart by value. An observation of an absent key that only one removal explains in time is judged
 *   exactly; where several do, it must only lie outside of the times in which a value certainly holds. Such
 *   observations, refusals that do not say what they found, and the condition that something, or nothing, is there are
 *   counted in `unjudged`: the checker may miss a violation through them and never invents one.
 * - Known revisions must follow the order of time.
 *
 * @param operations - The history, in any order. No key exists at first. Reads of a level other than `consistent` are left out.
 * @returns A key is undecided when a value was written twice or text was appended.
 * @throws RangeError for an operation that contradicts itself.
 */
export function checkRegisters(operations: readonly Operation[]): Report {
  const byKey = partition(operations);
  const undecidedKeys: string[] = [];
  let violation: Violation | null = null;
  let unjudged = 0;
  for (const [key, ofKey] of byKey) {
    if (!isRegisterOfUniqueValues(ofKey)) {
      undecidedKeys.push(key);
      continue;
    }
    const judgement = judgeRegister(ofKey);
    unjudged += judgement.unjudged;
    if (violation === null && judgement.finding !== null) {
      violation = { key, reason: judgement.finding.reason, prefix: [], blocked: judgement.finding.operations };
    }
  }
  const decided = undecidedKeys.length > 0 ? 'undecided' : 'linearizable';
  return {
    verdict: violation === null ? decided : 'not linearizable',
    operations: [...byKey.values()].reduce((sum, ofKey) => sum + ofKey.length, 0),
    keys: byKey.size,
    steps: 0,
    violation,
    undecidedKeys,
    unjudged,
  };
}

function judgeRegister(operations: readonly KeyOperation[]): { finding: Finding | null; unjudged: number } {
  const gathering = new Gathering();
  const finding = gathering.fill(operations) ?? judgeOrder(gathering);
  return { finding, unjudged: gathering.unjudged };
}

function judgeOrder(gathering: Gathering): Finding | null {
  const before = joinChains(gathering.clusters);
  if ('reason' in before) {
    return before;
  }
  const { removals } = gathering;
  const ambiguous = explainAbsences(gathering.absences, { removals, solid: solidZones(before) });
  if ('reason' in ambiguous) {
    return ambiguous;
  }
  gathering.unjudged += ambiguous.length;
  // A removal with unknown outcome may have been seen now, and with it what it removed.
  const chains = joinChains(gathering.clusters);
  if ('reason' in chains) {
    return chains;
  }
  return (
    findConflict(chains.map(({ zone }) => zone)) ??
    findConflict([...solidZones(chains), ...ambiguous.map(zoneOf)]) ??
    findRevisionConflict(gathering.clusters.filter(({ happened }) => happened))
  );
}

function solidZones(chains: readonly Chain[]): readonly Zone[] {
  return chains.map(({ solid }) => solid).filter((zone) => zone !== null);
}

function zoneOf(operation: KeyOperation): Zone {
  const zone = new Zone();
  zone.include(operation);
  return zone;
}
