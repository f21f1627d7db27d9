/** Measures raftdb on this machine: `npm run bench`, `npm run bench -- --help`. */
import { BOOTSTRAP_USAGE, runBootstrapTrials } from './bench/bootstrap-trials.js';
import { CLUSTER_USAGE, runClusterTrials } from './bench/cluster-trials.js';
import { UsageError } from './bench/read-flags.js';
import { ROLLING_USAGE, runRollingRestart } from './bench/rolling-restart.js';
import { runSnapshotTrial, SNAPSHOT_USAGE } from './bench/snapshot-trial.js';
import { stopAsked } from './cluster/stop-asked.js';

const USAGE = `Usage:\n\n${[CLUSTER_USAGE, SNAPSHOT_USAGE, BOOTSTRAP_USAGE, ROLLING_USAGE].join('\n')}`;

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  snapshot: runSnapshotTrial,
  bootstrap: runBootstrapTrials,
  rolling: runRollingRestart,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  // Nodes and their folders go with this process, whatever ends it.
  void stopAsked().then(() => process.exit(1));
  try {
    await run(args);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

function run(args: readonly string[]): Promise<void> {
  const [command = '', ...rest] = args;
  if (command === '' || command.startsWith('-')) {
    return runClusterTrials(args);
  }
  const bench = Object.hasOwn(benches, command) ? benches[command] : undefined;
  if (bench === undefined) {
    throw new UsageError(`there is no bench "${command}"`);
  }
  return bench(rest);
}
