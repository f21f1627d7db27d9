import { runBlock } from './suite/block.js';
import type { BlockResult } from './suite/block.js';
import type { Generator } from './suite/generator.js';
import { systemOf } from './suite/system.js';
import { workloadNamed } from './suite/workloads.js';
import type { BenchCluster } from './targets.js';

const BLOCK_SECONDS = 3;
const CLIENTS = 64;

interface Options {
  readonly generator: Generator;
  readonly folder: string;
}

/** PUT of 64 clients at the leader for some seconds, each one at a time. @throws Error when one answer is not 2xx. */
export async function putBlock(cluster: BenchCluster, options: Options): Promise<BlockResult> {
  const workload = workloadNamed(`PUT, ${CLIENTS} clients`);
  const block = await runBlock(systemOf(cluster), workload, { ...options, seconds: BLOCK_SECONDS });
  if (block === null) {
    throw new Error(`raftdb knows no ${workload.name}`);
  }
  return block;
}
