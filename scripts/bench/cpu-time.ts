import { readFileSync } from 'node:fs';

/** Linux counts the CPU time of a process in hundredths of a second. */
const TICK_US = 10_000;

/** Microseconds of CPU that the processes have used so far, null where the system does not say. */
export function cpuTimeUs(pids: readonly number[]): number | null {
  try {
    return pids.reduce((sum, pid) => sum + cpuTicks(pid) * TICK_US, 0);
  } catch {
    return null;
  }
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name of the program in parentheses and may hold spaces; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
