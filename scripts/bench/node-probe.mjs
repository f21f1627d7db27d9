/**
 * Bundled with the program and preloaded into the process of a node (`NODE_OPTIONS=--import=...`), beside a product that
 * knows nothing of it: how long its event loop stands still, what its garbage collector does, when its snapshots begin
 * and end, and how long the parts of its start take. Writes all of it as JSON to BENCH_PROBE_FILE when the process ends.
 *
 * Times are milliseconds since the epoch, as `performance` counts them.
 */
import { openSync, readSync, writeFileSync } from 'node:fs';
import { constants, performance, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** The loop is looked at this often. */
const INTERVAL_MS = 1;
const FIELDS_PER_SAMPLE = 3;
const SAMPLES_MAX = 4_000_000;

const file = process.env.BENCH_PROBE_FILE;
if (isMainThread && file !== undefined) {
  probe(file);
}

function probe(target) {
  const loop = watchLoop();
  const collections = watchCollector();
  const spans = [];
  // Nobody waits for these, so that the start takes no longer; the node uses nothing before all its modules are loaded.
  void watchSnapshots(spans);
  const parts = new Map();
  void watchStart(parts);
  const startedMs = performance.timeOrigin;
  process.once('exit', () => {
    const recorded = { startedMs, samples: loop(), collections: collections(), spans, parts: [...parts.values()] };
    writeFileSync(target, JSON.stringify(recorded));
  });
}

function nowMs() {
  return performance.timeOrigin + performance.now();
}

/**
 * A timer of a millisecond: what passes between two of its calls beyond that is a turn of the loop that took so long.
 *
 * Linux tells how long this thread ran meanwhile: the rest it waited for a CPU or for threads that helped it.
 */
function watchLoop() {
  const samples = new Float64Array(SAMPLES_MAX * FIELDS_PER_SAMPLE);
  const readRanNs = ranNsReader();
  let filled = 0;
  let lastMs = nowMs();
  let lastRanNs = readRanNs();
  const timer = setInterval(() => {
    const now = nowMs();
    const ranNs = readRanNs();
    samples[filled] = now;
    samples[filled + 1] = Math.max(0, now - lastMs - INTERVAL_MS);
    samples[filled + 2] = (ranNs - lastRanNs) / 1e6;
    filled += FIELDS_PER_SAMPLE;
    lastMs = now;
    lastRanNs = ranNs;
    if (filled === samples.length) {
      clearInterval(timer);
    }
  }, INTERVAL_MS);
  timer.unref();
  return () => Array.from(samples.subarray(0, filled), (value) => Math.round(value * 1000) / 1000);
}

/** Nanoseconds that the main thread has run so far; NaN where the system does not say. */
function ranNsReader() {
  try {
    const descriptor = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const text = Buffer.alloc(96);
    return () => Number(text.toString('latin1', 0, readSync(descriptor, text, 0, text.length, 0)).split(' ')[0]);
  } catch {
    return () => NaN;
  }
}

function watchCollector() {
  const names = new Map(
    ['MINOR', 'MAJOR', 'INCREMENTAL', 'WEAKCB'].map((name) => [constants[`NODE_PERFORMANCE_GC_${name}`], name]),
  );
  const collections = [];
  const note = (entries) => {
    for (const { startTime, duration, detail } of entries) {
      const kind = (names.get(detail.kind) ?? 'other').toLowerCase();
      collections.push({ startMs: performance.timeOrigin + startTime, ms: duration, kind });
    }
  };
  const observer = new PerformanceObserver((list) => {
    note(list.getEntries());
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    note(observer.takeRecords());
    return collections;
  };
}

async function watchSnapshots(spans) {
  const { SnapshotWorker } = await import('../../build/consensus/snapshot-worker.js');
  wrap(SnapshotWorker.prototype, 'write', (startMs, endMs) => {
    spans.push({ startMs, endMs });
  });
}

async function watchStart(parts) {
  const [{ BatchedLogStore }, { WorkerSnapshotStore }, { PostgresSnapshotStore }, { SnapshotReader }, { Applier }] =
    await Promise.all([
      import('../../build/storage/batched-log-store.js'),
      import('../../build/storage/worker-store.js'),
      import('../../build/storage/postgres-store.js'),
      import('../../build/state-machine/snapshot-reader.js'),
      import('../../build/consensus/applier.js'),
    ]);
  const note = (name) => (startMs, endMs) => {
    const part = parts.get(name) ?? { name, startMs, endMs, busyMs: 0, calls: 0 };
    parts.set(name, { ...part, endMs, busyMs: part.busyMs + endMs - startMs, calls: part.calls + 1 });
  };
  wrap(BatchedLogStore.prototype, 'open', note('open and read the log'));
  for (const store of [WorkerSnapshotStore, PostgresSnapshotStore]) {
    wrap(store.prototype, 'latest', note('find the snapshot'));
    wrap(store.prototype, 'read', note('read the snapshot'));
  }
  wrap(SnapshotReader.prototype, 'add', note('restore'));
  wrap(SnapshotReader.prototype, 'finish', note('restore'));
  wrap(Applier.prototype, 'apply', note('apply'));
}

function wrap(prototype, method, note) {
  const original = prototype[method];
  if (typeof original !== 'function') {
    throw new Error(`the product has no ${method} to watch any more`);
  }
  prototype[method] = function (...values) {
    const startMs = nowMs();
    const result = original.apply(this, values);
    if (result instanceof Promise) {
      return result.finally(() => {
        note(startMs, nowMs());
      });
    }
    note(startMs, nowMs());
    return result;
  };
}
