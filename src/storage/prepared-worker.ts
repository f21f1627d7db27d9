import { Worker } from 'node:worker_threads';
import type { WorkerSettings } from './worker-protocol.js';

/** A worker that nobody has asked for anything yet. */
interface PreparedWorker {
  readonly settings: WorkerSettings;
  readonly worker: Worker;
}

let prepared: PreparedWorker | null = null;

/** Starts the worker thread, which loads its modules and touches no data before it is told to open them. */
export function startWorker(settings: WorkerSettings): Worker {
  return new Worker(workerFile(), { workerData: settings, name: 'raftdb-storage' });
}

/** Starts the worker that this process will need, ahead of the time at which it is taken by {@link takeWorker}. */
export function prepareWorker(settings: WorkerSettings): Worker {
  const worker = startWorker(settings);
  prepared = { settings, worker };
  const forget = (): void => {
    if (prepared?.worker === worker) {
      prepared = null;
    }
  };
  // One that cannot start is forgotten: whoever needs it starts another and learns from that what is wrong.
  worker.once('error', forget);
  worker.once('exit', forget);
  return worker;
}

/** The prepared worker where there is one for these settings, otherwise a new one. */
export function takeWorker(settings: WorkerSettings): Worker {
  if (prepared?.settings.dataDir !== settings.dataDir) {
    return startWorker(settings);
  }
  const { worker } = prepared;
  prepared = null;
  return worker;
}

/** The compiled entry file. A source file that is compiled on the fly cannot start as a worker, so `dist` is used. */
function workerFile(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? '../../dist/worker-host.js' : './worker-host.js', here);
}
