import { writeFileSync } from 'node:fs';
import { buildWhereStale } from '../../cluster/build.js';
import { environment } from '../environment.js';
import { memoryOf, mib } from '../process-memory.js';
import type { ProcessMemory } from '../process-memory.js';
import { readCount, readFlags } from '../read-flags.js';
import { scratchFolder } from '../scratch-folder.js';
import { fillKeys } from './block.js';
import { etcdVersion, startEtcd } from './etcd-cluster.js';
import { chooseGenerator } from './generator.js';
import { tableLines } from './results.js';
import { startRaftdb } from './system.js';
import type { System } from './system.js';
import { overwrites } from './workloads.js';

const CLIENTS = 64;
/** Lines of the table of a long run, about. */
const SAMPLES = 15;

export const MEMORY_USAGE = `npm run bench -- memory [--keys N] [--minutes M] [--json FILE]

Resident memory of three nodes of raftdb and, where it is on the PATH, of three of etcd, one cluster at a time. That of etcd holds
the pages of its file that are mapped, so what is its own (RssAnon) is shown beside it; it keeps old revisions, as by default.

  --keys N     with as many keys of 256-byte values, default 1000000
  --minutes M  and while ${CLIENTS} clients overwrite 131,072 drawn ones for as long, default 2
  --json FILE  writes the figures there too
`;

interface Sample extends ProcessMemory {
  readonly minutes: number;
  readonly writes: number;
}

interface Options {
  readonly keys: number;
  readonly minutes: number;
  readonly folder: string;
}

/** @throws UsageError when `args` are not those of {@link MEMORY_USAGE}, Error when a request fails. */
export async function runMemoryTrial(args: readonly string[]): Promise<void> {
  const values = readFlags(args, {
    keys: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '2' },
    json: { type: 'string' },
  });
  const folder = scratchFolder('memory-');
  const options = {
    keys: readCount('--keys', values.keys, 1000),
    minutes: readCount('--minutes', values.minutes, 0),
    folder,
  };
  buildWhereStale(console.log);
  const etcd = etcdVersion();
  const starts = [() => startRaftdb(null), ...(etcd === null ? [] : [() => startEtcd(etcd)])];
  const found: Record<string, readonly Sample[]> = {};
  for (const start of starts) {
    const system = await start();
    try {
      found[system.name] = await samplesOf(system, options);
      console.log(`${sampleLines(system.name, found[system.name] ?? [], options.keys).join('\n')}\n`);
    } finally {
      await system.stop();
    }
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ environment: environment(), ...options, found }, null, 2)}\n`);
  }
}

async function samplesOf(system: System, { keys, minutes, folder }: Options): Promise<Sample[]> {
  const samples = [{ minutes: 0, writes: 0, ...memoryOf(system.pids) }];
  await fillKeys(system, keys);
  let writes = keys;
  samples.push({ minutes: 0, writes, ...memoryOf(system.pids) });
  const requests = overwrites(system.dialect, keys);
  const generator = chooseGenerator();
  const seconds = Math.ceil((minutes * 60) / SAMPLES);
  const startMs = performance.now();
  for (let sample = 0; minutes > 0 && sample < SAMPLES; sample += 1) {
    const [url = ''] = await system.urls();
    const result = await generator.run({ url, clients: CLIENTS, seconds, requests, folder });
    writes += result.requests;
    samples.push({ minutes: (performance.now() - startMs) / 60_000, writes, ...memoryOf(system.pids) });
  }
  return samples;
}

function sampleLines(name: string, samples: readonly Sample[], keys: number): string[] {
  const empty = mean(samples[0]?.rssBytes ?? []);
  return tableLines([
    [name, 'minutes', 'writes', 'MiB a node', 'its own', 'bytes a key above an empty node'],
    ...samples.map(({ minutes, writes, rssBytes, anonymousBytes }) => [
      '',
      minutes.toFixed(1),
      String(writes),
      mib(rssBytes),
      mib(anonymousBytes),
      writes === 0 ? '' : ((mean(rssBytes) - empty) / keys).toFixed(0),
    ]),
  ]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
