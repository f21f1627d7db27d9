import { runBlock } from './suite/block.js';
import type { BlockResult } from './suite/block.js';
import type { Generator } from './suite/generator.js';
import { systemOf } from './suite/system.js';
import { workloadNamed } from './suite/workloads.js';
import type { BenchCluster } from './targets.js';

const BLOCK_SECONDS = 3;

interface Options {
  readonly clients: 64 | 256;
  readonly generator: Generator;
  readonly folder: string;
}

/** PUT at the leader for some seconds, each client one at a time. @throws Error when one answer is not 2xx. */
export async function putBlock(cluster: BenchCluster, { clients, generator, folder }: Options): Promise<BlockResult> {
  const workload = workloadNamed(`PUT, ${clients} clients`);
  const block = await runBlock(systemOf(cluster), workload, { generator, folder, seconds: BLOCK_SECONDS });
  if (block === null) {
    throw new Error(`raftdb knows no ${workload.name}`);
  }
  return block;
}
