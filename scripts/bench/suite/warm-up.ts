import { assert } from '../../../src/lib/assert.js';
import { runBlock } from './block.js';
import type { BlockOptions } from './block.js';
import type { System } from './system.js';
import type { Workload } from './workloads.js';

/** Of one look at the rate. */
export const WARM_BLOCK_SECONDS = 2;
/** It is steady once so many looks in a row brought no rate that is higher by this part than the last that counted as a gain. */
const STEADY_BLOCKS = 3;
const GAIN_MIN = 0.03;
/** After so many it is taken as it is. */
const BLOCKS_MAX = 20;

/**
 * Asks a system until asking makes it no faster: what is compiled while it runs gains for a while, and caches fill.
 *
 * @param rateOf - Asks it once more. @returns Its rates.
 */
export async function askUntilSteady(rateOf: () => Promise<number>): Promise<number[]> {
  const rates: number[] = [];
  let reached = 0;
  for (let since = 0; since < STEADY_BLOCKS && rates.length < BLOCKS_MAX;) {
    const rate = await rateOf();
    rates.push(rate);
    const hasGained = rate > reached * (1 + GAIN_MIN);
    reached = hasGained ? rate : reached;
    since = hasGained ? 0 : since + 1;
  }
  return rates;
}

/** Asks a system with `workload`, which it must have, until it is steady. @returns Its rates. @throws Error as `runBlock` does. */
export function warmUp(system: System, workload: Workload, options: Omit<BlockOptions, 'seconds'>): Promise<number[]> {
  return askUntilSteady(async () => {
    const result = await runBlock(system, workload, { ...options, seconds: WARM_BLOCK_SECONDS });
    assert(result !== null, `${system.name} has no such thing as ${workload.name}`);
    return result.requestsPerSecond;
  });
}
