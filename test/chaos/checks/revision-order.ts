import type { Finding, Observation } from '../workload/observation.js';
import { Floors } from './floors.js';
import type { Sighting } from './floors.js';
import { describe } from './describe.js';
import { madeRevision } from './write-index.js';

/** By how much a contact may be older than the election timeout, in milliseconds: a tick at either end, and rounding. */
const tickSlackMs = 50;

/**
 * The revision of the store, which all keys share, follows the clock of the clients:
 *
 * - a `consistent` read shows at least what anybody had seen before it began;
 * - a `default` read at least what anybody had seen one election timeout before it began;
 * - a write makes a revision above all of that, and no two writes make the same.
 */
export function checkRevisionOrder(observations: readonly Observation[], electionTimeoutMs: number): Finding[] {
  const floors = new Floors(observations.flatMap(sightingsOf));
  const lagMs = { consistent: 0, default: electionTimeoutMs + tickSlackMs };
  const findings: Finding[] = [];
  const makers = new Map<number, Observation>();
  for (const observation of observations) {
    const { operation, storeRevision } = observation;
    const made = madeRevision(operation);
    if (made !== null) {
      const other = makers.get(made);
      if (other !== undefined) {
        findings.push(finding(`revision ${made} was made twice, by ${describe(other)} and by`, observation));
      }
      makers.set(made, observation);
      findings.push(...below({ shown: made, least: floors.before(operation.start) + 1 }, observation));
    }
    if (
      operation.op === 'get' &&
      storeRevision !== null &&
      operation.level !== undefined &&
      operation.level !== 'stale'
    ) {
      const least = floors.before(operation.start - lagMs[operation.level]);
      findings.push(...below({ shown: storeRevision, least }, observation));
    }
  }
  return findings;
}

/**
 * `stale` reads of one process never go back.
 */
export function checkStaleReads(observations: readonly Observation[]): Finding[] {
  const byProcess = new Map<string, Observation[]>();
  for (const observation of observations) {
    const { operation, incarnation, storeRevision } = observation;
    if (operation.op === 'get' && operation.level === 'stale' && storeRevision !== null && incarnation >= 0) {
      const name = `${operation.node ?? ''}/${incarnation}`;
      const others = byProcess.get(name) ?? [];
      others.push(observation);
      byProcess.set(name, others);
    }
  }
  return [...byProcess.values()].flatMap((ofProcess) => {
    const floors = new Floors(ofProcess.flatMap(sightingsOf));
    return ofProcess.flatMap((observation) =>
      below({ shown: observation.storeRevision ?? 0, least: floors.before(observation.operation.start) }, observation),
    );
  });
}

function sightingsOf({ operation, storeRevision }: Observation): Sighting[] {
  const revision = storeRevision ?? madeRevision(operation);
  return revision === null || operation.end === null ? [] : [{ end: operation.end, revision }];
}

function below(seen: { readonly shown: number; readonly least: number }, observation: Observation): Finding[] {
  if (seen.shown >= seen.least) {
    return [];
  }
  return [finding(`revision ${seen.shown} where ${seen.least} was due:`, observation)];
}

function finding(text: string, observation: Observation): Finding {
  const { operation } = observation;
  const level = operation.op === 'get' ? `${operation.level ?? ''} reads` : 'writes';
  return { check: `revisions of ${level}`, text: `${text} ${describe(observation)}` };
}
