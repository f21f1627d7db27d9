import { Random } from '../../src/lib/random.js';
import { pick } from '../simulation/draw.js';
import { abortAfter } from '../../src/cluster/abort-after.js';
import { ChaosStage } from './chaos-stage.js';
import { checkProgress } from './checks/check-run.js';
import type { Patch } from './cluster/build.js';
import { faultKinds, possibleKinds } from './fault-kinds.js';
import type { ChaosOptions } from './options.js';
import { recoveriesOf } from './recovery-times.js';
import type { Recovery } from './recovery-times.js';
import { interruptibleSleep, runSchedule } from './schedule.js';
import type { PastFault } from './schedule.js';
import type { Finding } from './workload/observation.js';
import { Workload } from './workload/workload.js';

/** What came of a run. */
export interface ChaosResult {
  /** Empty: the run is accepted. */
  readonly findings: readonly Finding[];
  readonly recoveries: readonly Recovery[];
  /** Operations by kind and outcome. */
  readonly tally: ReadonlyMap<string, number>;
  /** It was ended from outside: nothing was judged. */
  readonly isInterrupted: boolean;
}

export interface ChaosRunParts {
  readonly options: ChaosOptions;
  /** Changes of the program, for runs that must find them. */
  readonly patches: readonly Patch[];
  readonly print: (line: string) => void;
  /** Ends the run from outside. */
  readonly signal: AbortSignal;
}

/** How often what was seen so far is judged, in milliseconds. */
const progressCheckMs = 15_000;

/** A fault lasts this part of the run at most, and this many milliseconds. */
const holdPart = 1 / 8;
const holdMsMax = 20_000;

/** Mean time between two faults of a lane, in milliseconds. */
const pauseMs = 700;

/** Clients go on this long after everything is healed, in milliseconds. */
const afterHealMs = 2000;

/**
 * One run of faults on real processes: starts a cluster, lets clients work and things go wrong, heals everything, and
 * judges what was seen. Bounded in time; leaves no process behind.
 */
export async function runChaos(parts: ChaosRunParts): Promise<ChaosResult> {
  const { options, patches, print, signal } = parts;
  const clients = Array.from({ length: options.clientCount }, (_, number) => `c${number}`);
  const { flags, smallDisks } = drawSettings(options);
  const stage = await ChaosStage.build({ ...options, clients, flags, smallDisks, patches, print });
  stage.print(`seed ${options.seed}, ${options.nodeCount} nodes, flags ${flags.join(' ')}, folder ${stage.folder}`);
  const endNow = (): void => {
    stage.cluster.killNow();
  };
  process.once('exit', endNow);
  signal.addEventListener('abort', endNow);
  const past: PastFault[] = [];
  let findings: Finding[] = [];
  try {
    findings = await play(stage, parts, past);
  } catch (error) {
    findings = [{ check: 'the run', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }];
  } finally {
    process.off('exit', endNow);
    signal.removeEventListener('abort', endNow);
    findings = signal.aborted ? [] : [...stage.recorder.findings, ...findings];
    await stage.clear(findings);
  }
  return {
    findings,
    recoveries: recoveriesOf(past, stage.recorder.observations),
    tally: stage.recorder.tally,
    isInterrupted: signal.aborted,
  };
}

/** The run itself; whatever it throws is a finding. Once something was found, only what is needed to tell it is done. */
async function play(stage: ChaosStage, { options, signal }: ChaosRunParts, past: PastFault[]): Promise<Finding[]> {
  const { cluster, recorder, random } = stage;
  await cluster.start();
  const cannotMount = cluster.plan.smallDisks && cluster.disks.count === 0;
  stage.print(`the cluster is up${cannotMount ? '; disks cannot be filled here: mounting is not allowed' : ''}`);
  const workload = new Workload(cluster.plan.clients, { cluster, recorder, random: random.fork() });
  workload.start();
  const ending = abortAfter(options.seconds * 1000, [signal, stage.found.signal]);
  try {
    const [, ofRun] = await Promise.all([
      watchProgress(stage, ending.signal),
      runFaults(stage, options, ending.signal),
    ]);
    past.push(...ofRun);
    if (!signal.aborted && !stage.found.signal.aborted) {
      stage.print('healing');
      await cluster.heal();
      await interruptibleSleep(afterHealMs, signal);
      await workload.finish();
    }
  } finally {
    ending.stop();
    await workload.stop();
    workload.close();
  }
  return signal.aborted ? [] : stage.verdict();
}

function runFaults(stage: ChaosStage, options: ChaosOptions, signal: AbortSignal): Promise<PastFault[]> {
  return runSchedule({
    cluster: stage.cluster,
    random: stage.random.fork(),
    wanted: possibleKinds(options.faults ?? faultKinds, options.storage),
    holdMsMax: Math.min(holdMsMax, options.seconds * 1000 * holdPart),
    pauseMs,
    recovered: (since, waiting) => stage.recorder.writeAcknowledged(since, waiting),
    signal,
    print: (line) => {
      stage.print(line);
    },
  });
}

/** Judges what was seen so far again and again: a run that has failed ends early. */
async function watchProgress(stage: ChaosStage, ending: AbortSignal): Promise<void> {
  for (;;) {
    await interruptibleSleep(progressCheckMs, ending);
    if (ending.aborted) {
      return;
    }
    for (const finding of checkProgress(stage.recorder.soFar, stage.electionTimeoutMs)) {
      stage.recorder.find(finding);
    }
  }
}

/** Snapshots come often in most runs; the disks can be filled in every other one. */
function drawSettings(options: ChaosOptions): { readonly flags: readonly string[]; readonly smallDisks: boolean } {
  const random = new Random(options.seed).fork();
  const drawn = [
    '-snapshot-entries',
    String(pick(random, [100, 300, 1000, 50_000])),
    '-log-keep-entries',
    String(pick(random, [0, 50, 500])),
  ];
  const wantsDisks = options.faults === null || options.faults.includes('fill-disk');
  return { flags: options.flags.length > 0 ? options.flags : drawn, smallDisks: wantsDisks && random.chance(0.5) };
}
