import { ChaosStage } from '../chaos-stage.js';
import type { StagePlan } from '../chaos-stage.js';
import type { Finding } from '../workload/observation.js';
import { deposedLeader } from './deposed-leader.js';
import { membershipRace } from './membership-race.js';
import { reusedBatch } from './reused-batch.js';

/** A chain of events that luck would hardly bring about. */
export interface Scenario {
  readonly plan: Pick<StagePlan, 'nodeCount' | 'clients' | 'flags'>;
  /** Plays it on a cluster that is up; clients record what they see. */
  play(stage: ChaosStage): Promise<void>;
}

const scenarios = {
  'deposed-leader': deposedLeader,
  'membership-race': membershipRace,
  'reused-batch': reusedBatch,
} as const;

export type ScenarioName = keyof typeof scenarios;

const scenarioNames = Object.keys(scenarios);

/**
 * Plays a scenario and judges it as every run is judged.
 *
 * @returns Empty: nothing was found.
 * @throws RangeError when there is no scenario of that name.
 */
export async function runScenario(
  name: string,
  parts: Pick<StagePlan, 'seed' | 'patches' | 'print'> & { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const scenario = Object.entries(scenarios).find(([each]) => each === name)?.[1];
  if (scenario === undefined) {
    throw new RangeError(`there is no scenario ${name}; there are ${scenarioNames.join(', ')}`);
  }
  const { signal, ...plan } = parts;
  const stage = await ChaosStage.build({ ...plan, ...scenario.plan, smallDisks: false, storage: 'sqlite' });
  const endNow = (): void => {
    stage.cluster.killNow();
  };
  process.once('exit', endNow);
  signal.addEventListener('abort', endNow);
  let findings: readonly Finding[] = [];
  try {
    await stage.cluster.start();
    stage.print('the cluster is up');
    await scenario.play(stage);
    findings = await stage.verdict();
  } catch (error) {
    findings = [{ check: 'the scenario', text: error instanceof Error ? error.message : String(error) }];
  } finally {
    process.off('exit', endNow);
    signal.removeEventListener('abort', endNow);
    findings = signal.aborted ? [] : [...stage.recorder.findings, ...findings];
    await stage.clear(findings);
  }
  stage.print(findings.length === 0 ? `${name}: nothing was found` : `${name}: ${findings[0]?.check ?? ''}`);
  return findings;
}
