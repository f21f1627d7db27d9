import { readFileSync } from 'node:fs';

/** Linux counts the CPU time of a process in hundredths of a second. */
const TICK_US = 10_000;

/** Microseconds of CPU that the processes have used so far, null where the system does not say. */
export function cpuTimeUs(pids: readonly number[]): number | null {
  try {
    return pids.reduce((sum, pid) => sum + cpuTicks(`/proc/${pid}/stat`) * TICK_US, 0);
  } catch {
    return null;
  }
}

/** Microseconds of CPU that the main thread of a process has used so far, null where the system does not say. */
export function mainThreadTimeUs(pid: number): number | null {
  try {
    return cpuTicks(`/proc/${pid}/task/${pid}/stat`) * TICK_US;
  } catch {
    return null;
  }
}

function cpuTicks(file: string): number {
  const stat = readFileSync(file, 'utf8');
  // The second field is the name of the program in parentheses and may hold spaces; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
