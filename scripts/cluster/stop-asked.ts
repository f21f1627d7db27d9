import { execFileSync } from 'node:child_process';

const PARENT_CHECK_INTERVAL_MS = 500;

/**
 * Resolves when this program should end: at a signal to stop, or when the `npm run` above it is gone. npm hands a
 * signal to a shell that dies of it without a word to its child, which would leave the nodes running.
 *
 * Later signals change nothing, since a node that does not stop in time is ended anyway.
 */
export function stopAsked(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        stop();
      });
    }
    if (process.env.npm_lifecycle_event === undefined) {
      return;
    }
    const parents = parentPids();
    const timer = setInterval(() => {
      if (!parents.every(isAlive)) {
        clearInterval(timer);
        stop();
      }
    }, PARENT_CHECK_INTERVAL_MS);
    timer.unref();
  });
}

/** The parent, and its parent where the system tells: one may be the TypeScript runner, the other npm's shell. */
function parentPids(): number[] {
  if (process.platform === 'win32') {
    return [process.ppid];
  }
  try {
    const grandparent = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(process.ppid)], { encoding: 'utf8' }));
    return grandparent > 1 ? [process.ppid, grandparent] : [process.ppid];
  } catch {
    return [process.ppid];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
