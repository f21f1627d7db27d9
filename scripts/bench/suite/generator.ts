import { spawnSync } from 'node:child_process';
import { autocannonLoad } from './autocannon-load.js';
import type { BenchRequest } from './requests.js';
import { wrkLoad } from './wrk-load.js';

/** What is sent to one address. */
export interface Load {
  /** Without a slash at its end. */
  readonly url: string;
  readonly clients: number;
  readonly seconds: number;
  /** Sent in turn, over and over. */
  readonly requests: readonly BenchRequest[];
  /** For files of the generator. */
  readonly folder: string;
}

/** What came back: every answer was 2xx. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A program that sends requests as fast as they are answered, each client one at a time. */
export interface Generator {
  readonly name: string;
  /** @throws Error when one answer is not 2xx: the figures would be those of a failure. */
  run(load: Load): Promise<LoadResult>;
}

/** wrk where it is on the PATH: it takes a fifth of the CPU time that autocannon does. */
export function chooseGenerator(): Generator {
  const hasWrk = spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined;
  return hasWrk ? { name: 'wrk', run: wrkLoad } : { name: 'autocannon (wrk is not on the PATH)', run: autocannonLoad };
}
