import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWhereStale, projectFolder } from '../cluster/build.js';
import { environment } from './environment.js';
import { againstKeys, againstNodes, againstValues, CLIENTS } from './growth-series.js';
import type { GrowthOptions, GrowthPoint } from './growth-series.js';
import { readCount, readFlags, readParts } from './read-flags.js';
import { scratchFolder } from './scratch-folder.js';
import { chooseGenerator } from './suite/generator.js';
import { drawing } from './suite/plot.js';
import { tableLines } from './suite/results.js';

const series = { keys: againstKeys, values: againstValues, nodes: againstNodes };
const names = ['keys', 'values', 'nodes'] as const;
type SeriesName = (typeof names)[number];

/** What the points of a series differ in. */
const differences: Readonly<Record<SeriesName, string>> = {
  keys: 'keys of 256 bytes, 3 nodes',
  values: 'bytes of a value, 3 nodes',
  nodes: 'nodes, 10,000 keys of 256 bytes',
};

export const GROWTH_USAGE = `npm run bench -- growth [--only keys,values,nodes] [--keys-max N] [--seconds N] [--blocks N]

How rates and memory follow what a cluster holds: PUT and consistent GET with ${CLIENTS} clients at the leader, resident memory of
the leader and what of it is heap, after each filling:

  keys     1,000 and each tenfold up to --keys-max, and that itself
  values   of 16 bytes, 256 bytes, 4 KB, 16 KB and 128 KB
  nodes    1, 3, 5 and 7 of them, all on this machine

Each is asked until it is steady before its rates are measured, for 40 s at most with either kind of request.
Bytes a key are what the leader has more than when it was empty, warm code and log included: with few keys they say little.
A table each, bench-results/*-growth.json and a plot of each series beside it.

  --only S        some of them, with commas between
  --keys-max N    default 1000000
  --seconds N     seconds of a block, default 2
  --blocks N      blocks of each kind of request, default 3; the figures are medians
`;

/** @throws UsageError when `args` are not those of {@link GROWTH_USAGE}, Error when a request fails. */
export async function runGrowth(args: readonly string[]): Promise<void> {
  const values = readFlags(args, {
    only: { type: 'string', default: names.join(',') },
    'keys-max': { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '2' },
    blocks: { type: 'string', default: '3' },
  });
  const only = readParts('--only', values.only, names);
  const generator = chooseGenerator();
  const options: GrowthOptions = {
    keysMax: readCount('--keys-max', values['keys-max'], 1000),
    seconds: readCount('--seconds', values.seconds, 1),
    blocks: readCount('--blocks', values.blocks, 1),
    generator,
    folder: scratchFolder('growth-'),
  };
  buildWhereStale(console.log);
  const file = join(projectFolder, 'bench-results', `${new Date().toISOString().replaceAll(':', '-')}-growth`);
  mkdirSync(join(projectFolder, 'bench-results'), { recursive: true });
  const startMs = performance.now();
  const found: Partial<Record<SeriesName, readonly GrowthPoint[]>> = {};
  for (const name of only) {
    const points = await series[name](options);
    found[name] = points;
    console.log(`\n${growthLines(differences[name], points).join('\n')}\n`);
    writeFileSync(`${file}-${name}.svg`, growthPlot(differences[name], points));
  }
  const { keysMax, seconds, blocks } = options;
  const all = { environment: environment(), generator: generator.name, options: { keysMax, seconds, blocks }, found };
  writeFileSync(`${file}.json`, `${JSON.stringify(all, null, 2)}\n`);
  console.log(
    `${secondsSince(startMs)} s in all. All processes and the load generator shared this machine. ${file}.json`,
  );
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(0);
}

function growthLines(difference: string, points: readonly GrowthPoint[]): string[] {
  return tableLines([
    [
      difference,
      '',
      'PUT/s',
      'p99 ms',
      'GET/s',
      'p99 ms',
      'leader MiB',
      'heap MiB',
      'bytes a key',
      'heap a key',
      'filled in s',
      'in all s',
    ],
    ...points.map(({ label, put, get, rssBytes, heapBytes, perKey, fillSeconds, seconds }) => [
      label,
      '',
      put.requestsPerSecond.toFixed(0),
      put.p99Ms.toFixed(1),
      get.requestsPerSecond.toFixed(0),
      get.p99Ms.toFixed(1),
      mib(rssBytes),
      mib(heapBytes),
      perKey.rssBytes.toFixed(0),
      perKey.heapBytes.toFixed(0),
      fillSeconds.toFixed(1),
      seconds.toFixed(0),
    ]),
  ]);
}

/** Rates to the left, memory to the right. */
function growthPlot(difference: string, points: readonly GrowthPoint[]): string {
  const line = (name: string, values: readonly number[], yAxisIndex = 0): object => ({
    name,
    type: 'line',
    symbolSize: 8,
    yAxisIndex,
    data: values.map(Math.round),
  });
  return drawing({
    title: { text: `${CLIENTS} clients at the leader, against ${difference}`, left: 'center' },
    grid: { left: 80, right: 80, top: 60, bottom: 80 },
    xAxis: { type: 'category', data: points.map(({ label }) => label) },
    yAxis: [
      { type: 'value', name: 'requests a second' },
      { type: 'value', name: 'MiB of the leader', splitLine: { show: false } },
    ],
    series: [
      line(
        'PUT',
        points.map(({ put }) => put.requestsPerSecond),
      ),
      line(
        'GET consistent',
        points.map(({ get }) => get.requestsPerSecond),
      ),
      line(
        'resident memory',
        points.map(({ rssBytes }) => rssBytes / 2 ** 20),
        1,
      ),
      line(
        'heap in use',
        points.map(({ heapBytes }) => heapBytes / 2 ** 20),
        1,
      ),
    ],
  });
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
