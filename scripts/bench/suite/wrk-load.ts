import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load, LoadResult } from './generator.js';
import { rawRequest } from './requests.js';

/** Answers may take so long, in seconds: longer ones count as errors. */
const TIMEOUT_S = 30;

/** What the script prints at the end, in microseconds. */
interface WrkSummary {
  readonly requests: number;
  readonly duration: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
}

/** Runs wrk in one thread. @throws Error when it cannot be run or one answer is not 2xx. */
export async function wrkLoad(load: Load): Promise<LoadResult> {
  const script = writeScript(load);
  const args = ['-t1', `-c${load.clients}`, `-d${load.seconds}s`, '--timeout', `${TIMEOUT_S}s`, '-s', script, load.url];
  return resultIn(await outputOf('wrk', args), load.url);
}

/** What a run of wrk with our script printed. @throws Error when that is nothing, or one answer is not 2xx. */
export function resultIn(output: string, url: string): LoadResult {
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) {
    throw new Error(`wrk said nothing of its run:\n${output}`);
  }
  const { requests, duration, errors, p50, p99 } = JSON.parse(line) as WrkSummary;
  if (errors > 0 || requests === 0) {
    throw new Error(`of ${requests} requests to ${url} ${errors} failed`);
  }
  return { requests, seconds: duration / 1e6, p50Ms: p50 / 1000, p99Ms: p99 / 1000 };
}

/** Stands between two requests in a file of them and in none of them. */
const SEPARATOR = '\x01';

/** Requests as wrk sends them, each ready made: making them would take the time of the servers. */
function writeScript({ url, requests, folder }: Load): string {
  const { host } = new URL(url);
  const raw = requests.map((request) => rawRequest(host, request)).join(SEPARATOR);
  const name = join(folder, createHash('sha256').update(raw).digest('hex').slice(0, 16));
  const script = `${name}.lua`;
  if (!existsSync(script)) {
    writeFileSync(`${name}.requests`, raw);
    writeFileSync(script, scriptOver(`${name}.requests`));
  }
  return script;
}

function scriptOver(file: string): string {
  return `local requests = {}
for raw in io.open(${JSON.stringify(file)}, 'rb'):read('*a'):gmatch('([^\\1]+)') do
  requests[#requests + 1] = raw
end
local sent = 0
function request()
  sent = sent + 1
  if sent > #requests then sent = 1 end
  return requests[sent]
end
function done(summary, latency, _)
  local e = summary.errors
  print(string.format('{"requests":%d,"duration":%d,"errors":%d,"p50":%d,"p99":%d}',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', kill);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', kill);
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`${program} ended with ${String(code)}:\n${output}`));
      }
    });
  });
}
