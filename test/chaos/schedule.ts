import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/lib/random.js';
import { exponential } from '../simulation/draw.js';
import { abortAfter } from '../../src/cluster/abort-after.js';
import type { ChaosCluster } from './cluster/chaos-cluster.js';
import { networkFaults, processFaults } from './fault-kinds.js';
import type { FaultKind } from './fault-kinds.js';
import { drawKind, drawProcessFault } from './faults.js';
import type { Fault, FaultDraw } from './faults.js';
import { drawNetworkFault } from './network-faults.js';

/** A fault that happened; times in milliseconds of `performance.now()`. */
export interface PastFault {
  readonly kind: FaultKind;
  readonly began: number;
  readonly ended: number;
}

export interface SchedulePlan {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  /** The kinds to draw from. */
  readonly wanted: readonly FaultKind[];
  /** Longest duration of one fault in milliseconds. */
  readonly holdMsMax: number;
  /** Mean time between two faults of a lane, in milliseconds. */
  readonly pauseMs: number;
  /** Resolves when clients are served again after a moment, or the signal aborts. */
  readonly recovered: (since: number, signal: AbortSignal) => Promise<void>;
  /** Ends the schedule; the fault under way ends with it. */
  readonly signal: AbortSignal;
  /** Told of each fault as it begins. */
  readonly print: (line: string) => void;
}

/** How often the next fault waits until clients are served again, and how long at most: else a slow machine only fails. */
const recoveryChance = 0.7;
const recoveryMs = 15_000;

/**
 * Lets one fault follow the other, in two lanes at once: processes and disks in one, the network in the other.
 *
 * The seed decides what is drawn and for how long; which node leads at the moment is not its doing.
 *
 * @returns What happened, when the signal has ended it.
 */
export async function runSchedule(plan: SchedulePlan): Promise<PastFault[]> {
  const past: PastFault[] = [];
  const lanes = [
    (draw: FaultDraw): Fault | null => {
      const kind = drawKind(draw.random, processFaults, plan.wanted);
      return kind === null ? null : drawProcessFault(kind, draw);
    },
    (draw: FaultDraw): Fault | null => {
      const kind = drawKind(draw.random, networkFaults, plan.wanted);
      return kind === null ? null : drawNetworkFault(kind, draw);
    },
  ];
  await Promise.all(lanes.map((draw) => runLane(plan, draw, past)));
  return past.sort((left, right) => left.began - right.began);
}

async function runLane(
  plan: SchedulePlan,
  drawFault: (draw: FaultDraw) => Fault | null,
  past: PastFault[],
): Promise<void> {
  const random = plan.random.fork();
  while (!plan.signal.aborted) {
    await interruptibleSleep(exponential(random, plan.pauseMs), plan.signal);
    const leader = await plan.cluster.leader();
    const fault = drawFault({ cluster: plan.cluster, random, leader, holdMsMax: plan.holdMsMax });
    if (fault !== null && !isAborted(plan.signal)) {
      const over = await runFault(fault, plan);
      past.push(over);
      if (random.chance(recoveryChance)) {
        const patience = abortAfter(recoveryMs, [plan.signal]);
        await plan.recovered(over.ended, patience.signal);
        patience.stop();
      }
    }
  }
}

async function runFault(fault: Fault, { signal, print }: SchedulePlan): Promise<PastFault> {
  const began = performance.now();
  print(`${fault.kind} for ${(fault.holdMs / 1000).toFixed(1)} s: ${fault.text}`);
  await fault.begin();
  await interruptibleSleep(fault.holdMs, signal);
  await fault.end();
  return { kind: fault.kind, began, ended: performance.now() };
}

/** Resolves when the time is over or the signal aborts. */
export async function interruptibleSleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A call, so that the compiler does not take the state before a wait for the one after it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
