import { runChaos } from './chaos-run.js';
import { readOptions, usage } from './options.js';
import { summaryOf } from './summary.js';
import { runScenario } from './scenarios/run-scenario.js';
import { weakenedBuild } from './weakened.js';
import type { Finding } from './workload/observation.js';

/** Entry of `npm run chaos`: 0 the run is accepted, 1 something was found, 2 the command line is wrong, 130 interrupted. */
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const request = readOptions(args);
  if (request.kind === 'help') {
    print([request.problem, usage].filter((line) => line !== null).join('\n\n'));
    return request.problem === null ? 0 : 2;
  }
  const signal = whenInterrupted();
  if (request.kind === 'scenario') {
    return exitCodeOf(await runScenario(request.name, { seed: request.seed, patches: [], print, signal }), signal);
  }
  const weakened = request.weakened === null ? null : weakenedBuild(request.weakened);
  if (weakened === undefined) {
    print(usage);
    return 2;
  }
  const patches = weakened?.patches ?? [];
  if (weakened?.provoke.kind === 'scenario') {
    const plan = { seed: request.options.seed, patches, print, signal };
    return exitCodeOf(await runScenario(weakened.provoke.name, plan), signal);
  }
  const options = { ...request.options, ...(weakened?.provoke.options ?? {}) };
  const result = await runChaos({ options, patches, print, signal });
  summaryOf(result).forEach(print);
  return exitCodeOf(result.findings, signal);
}

/** Aborts when the user or the system asks the run to end: its processes must not outlive it. */
function whenInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      print('interrupted: ending the processes');
      interrupted.abort();
    });
  }
  return interrupted.signal;
}

function exitCodeOf(findings: readonly Finding[], signal: AbortSignal): number {
  if (signal.aborted) {
    return 130;
  }
  return findings.length === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
