import { cpus, release, totalmem, type } from 'node:os';
import { programVersion } from '../../src/config/program-version.js';

/** What the figures were measured on. */
export function environment(): Record<string, string | number> {
  return {
    raftdb: programVersion,
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
