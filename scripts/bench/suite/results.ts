import { median } from '../percentile.js';
import type { BlockResult } from './block.js';

/** A workload on one system: the medians of its blocks. */
export interface Figures extends BlockResult {
  readonly blocks: readonly BlockResult[];
}

/** What is known of one workload, by the name of the system. */
export interface WorkloadResult {
  readonly workload: string;
  readonly clients: number;
  readonly keysPerRequest: number;
  readonly bySystem: Readonly<Record<string, Figures>>;
}

export function figuresOf(blocks: readonly BlockResult[]): Figures {
  const cpu = blocks.map(({ cpuUsPerRequest }) => cpuUsPerRequest);
  return {
    requestsPerSecond: median(blocks.map(({ requestsPerSecond }) => requestsPerSecond)),
    p50Ms: median(blocks.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(blocks.map(({ p99Ms }) => p99Ms)),
    cpuUsPerRequest: cpu.includes(null) ? null : median(cpu.map(Number)),
    blocks,
  };
}

/** Lines of a table: its columns are as wide as their cells, the first one is text, the others are numbers. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** All workloads, one line a system. */
export function resultLines(results: readonly WorkloadResult[]): string[] {
  const rows = results.flatMap(({ workload, bySystem }) => {
    const ours = bySystem.raftdb?.requestsPerSecond;
    return Object.entries(bySystem).map(([system, figures], place) => [
      place === 0 ? workload : '',
      system,
      figures.requestsPerSecond.toFixed(0),
      figures.p50Ms.toFixed(2),
      figures.p99Ms.toFixed(2),
      figures.cpuUsPerRequest === null ? '-' : figures.cpuUsPerRequest.toFixed(0),
      system === 'raftdb' || ours === undefined ? '' : `${(ours / figures.requestsPerSecond).toFixed(2)}x`,
    ]);
  });
  return tableLines([['workload', 'system', 'req/s', 'p50 ms', 'p99 ms', 'CPU us/req', 'raftdb is'], ...rows]);
}
