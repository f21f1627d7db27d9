import { readFileSync } from 'node:fs';

/** Resident bytes of each process at one moment. */
export interface ProcessMemory {
  readonly rssBytes: readonly number[];
  /** Without the pages of mapped files. */
  readonly anonymousBytes: readonly number[];
}

/** @throws Error when one of the processes has ended, or the system does not say. */
export function memoryOf(pids: readonly number[]): ProcessMemory {
  const statuses = pids.map((pid) => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const bytesOf = (field: string): number[] =>
    statuses.map((text) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? NaN) * 1024);
  return { rssBytes: bytesOf('VmRSS'), anonymousBytes: bytesOf('RssAnon') };
}

/** Bytes as whole MiB, with spaces between. */
export function mib(values: readonly number[]): string {
  return values.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(' ');
}
