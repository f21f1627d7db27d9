/** Measures raftdb on this machine: `npm run bench`, `npm run bench -- --help`. */
import { BOOTSTRAP_USAGE, runBootstrapTrials } from './bench/bootstrap-trials.js';
import { CATCH_UP_USAGE, runCatchUp } from './bench/catch-up.js';
import { GROWTH_USAGE, runGrowth } from './bench/growth.js';
import { KILLS_USAGE, runLeaderKills } from './bench/leader-kills.js';
import { METRICS_COST_USAGE, runMetricsCost } from './bench/metrics-cost.js';
import { OVERLOAD_USAGE, runOverload } from './bench/overload.js';
import { UsageError } from './bench/read-flags.js';
import { ROLLING_USAGE, runRollingRestart } from './bench/rolling-restart.js';
import { runSnapshotTrial, SNAPSHOT_USAGE } from './bench/snapshot-trial.js';
import { MEMORY_USAGE, runMemoryTrial } from './bench/suite/memory-trial.js';
import { runSuite, SUITE_USAGE } from './bench/suite/run-suite.js';
import { runUpgrade, UPGRADE_USAGE } from './bench/upgrade.js';
import { stopAsked } from './cluster/stop-asked.js';

const USAGE = `Usage:\n\n${[SUITE_USAGE, KILLS_USAGE, CATCH_UP_USAGE, SNAPSHOT_USAGE, BOOTSTRAP_USAGE, ROLLING_USAGE, UPGRADE_USAGE, MEMORY_USAGE, OVERLOAD_USAGE, GROWTH_USAGE, METRICS_COST_USAGE].join('\n')}`;

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  kills: runLeaderKills,
  'catch-up': runCatchUp,
  snapshot: runSnapshotTrial,
  bootstrap: runBootstrapTrials,
  rolling: runRollingRestart,
  upgrade: runUpgrade,
  memory: runMemoryTrial,
  'metrics-cost': runMetricsCost,
  overload: runOverload,
  growth: runGrowth,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  // Nodes and their folders go with this process, whatever ends it: each of them listens for its end.
  process.setMaxListeners(50);
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
    return runSuite(args);
  }
  const bench = Object.hasOwn(benches, command) ? benches[command] : undefined;
  if (bench === undefined) {
    throw new UsageError(`there is no bench "${command}"`);
  }
  return bench(rest);
}
