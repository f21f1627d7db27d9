import { cpus, release, totalmem, type } from 'node:os';
import { programVersion } from '../../src/config/command-line.js';
import type { Block } from './load.js';

/** One workload on both targets, each figure the mean of its blocks. */
export interface Comparison {
  readonly workload: string;
  readonly raftdb: Figures;
  readonly bare: Figures;
  /** Rate of raftdb divided by the rate of the bare server in the same minutes. */
  readonly ratio: number;
}

export type Figures = Pick<Block, 'requestsPerSecond' | 'p50Ms' | 'p99Ms' | 'cpuUsPerRequest'>;

export function compare(
  workload: string,
  { raftdb, bare }: { raftdb: readonly Block[]; bare: readonly Block[] },
): Comparison {
  const figures = { raftdb: figuresOf(raftdb), bare: figuresOf(bare) };
  return { workload, ...figures, ratio: figures.raftdb.requestsPerSecond / figures.bare.requestsPerSecond };
}

function figuresOf(blocks: readonly Block[]): Figures {
  const cpu = blocks.map((block) => block.cpuUsPerRequest);
  return {
    requestsPerSecond: mean(blocks.map((block) => block.requestsPerSecond)),
    p50Ms: mean(blocks.map((block) => block.p50Ms)),
    p99Ms: mean(blocks.map((block) => block.p99Ms)),
    cpuUsPerRequest: cpu.includes(null) ? null : mean(cpu.map(Number)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What the figures were measured on. */
export function environment(): Record<string, string | number> {
  return {
    raftdb: programVersion(),
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

/** The comparisons as lines of text. */
export function table(comparisons: readonly Comparison[]): string {
  const header = ['workload', 'target', 'req/s', 'p50 ms', 'p99 ms', 'CPU us/req', 'ratio'];
  const rows = comparisons.flatMap(({ workload, raftdb, bare, ratio }) => [
    [workload, 'raftdb, 3 nodes', ...cells(raftdb), ratio.toFixed(2)],
    ['', 'bare node:http', ...cells(bare), ''],
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(figures: Figures): string[] {
  const { requestsPerSecond, p50Ms, p99Ms, cpuUsPerRequest } = figures;
  return [
    requestsPerSecond.toFixed(0),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    cpuUsPerRequest === null ? '-' : cpuUsPerRequest.toFixed(0),
  ];
}
