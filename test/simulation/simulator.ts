import { Random } from '../../src/lib/random.js';
import { InvariantViolation } from '../../src/lib/assert.js';
import { Administrator } from './administrator.js';
import { ClusterWatch } from './checkers/cluster-watch.js';
import { ReadCheck } from './checkers/read-check.js';
import { RegisterHistory } from './checkers/register-history.js';
import { Violation } from './checkers/violation.js';
import { Client } from './client.js';
import { Coverage } from './coverage.js';
import { Faults } from './faults.js';
import { drawParameters } from './parameters.js';
import type { RunParameters, RunShape } from './parameters.js';
import { RecoveryPhase } from './recovery-phase.js';
import { SimCluster } from './sim-cluster.js';
import type { SimHost } from './sim-cluster.js';
import { SimNetwork } from './sim-network.js';
import type { SimProcess } from './sim-process.js';
import { idempotencyLimits } from './sim-process.js';
import { SimWallClock } from './sim-wall-clock.js';
import type { SimWorld } from './sim-world.js';
import { Timeline } from './timeline.js';
import type { TraceEvent } from './trace.js';
import { Trace } from './trace.js';
import { Witness } from './witness.js';

export interface RunOptions extends RunShape {
  /** Takes each event as it happens. */
  readonly onEvent?: (event: TraceEvent) => void;
}

/** How a run ended. `failure` null: every invariant held. */
export interface RunResult {
  readonly shape: Required<RunShape>;
  readonly parameters: RunParameters;
  readonly events: number;
  readonly virtualMs: number;
  readonly committed: number;
  readonly traceHash: string;
  readonly coverage: Coverage;
  readonly failure: {
    readonly invariant: string;
    readonly message: string;
    readonly latest: readonly TraceEvent[];
  } | null;
}

/** Events with faults in a run, where nothing else is asked for. */
export const defaultEvents = 30_000;

/** Events that are kept for whoever reads about a failure. */
const keptEventsMax = 200;

/** Runs a whole cluster through the faults of one seed. The same seed and shape give the same run. */
export function simulate(seed: number, options: RunOptions): RunResult {
  const parameters = drawParameters(seed, options);
  const coverage = new Coverage();
  const trace = new Trace(keptEventsMax, options.onEvent ?? null);
  const timeline = new Timeline();
  const world = { parameters, coverage, trace, timeline };
  const watch: { committed: { lastIndex: number } | null } = { committed: null };
  let failure: RunResult['failure'] = null;
  try {
    const wallClock = new SimWallClock(timeline);
    wallClock.within(() => {
      runWorld({ ...world, wallClock }, (cluster) => {
        watch.committed = cluster.committed;
      });
    });
  } catch (error) {
    failure = { ...describe(error), latest: trace.latest };
  }
  return {
    shape: {
      events: options.events,
      without: options.without ?? [],
      checksumIntervalTicks: options.checksumIntervalTicks ?? 0,
    },
    parameters,
    events: timeline.eventCount,
    virtualMs: timeline.nowMs,
    committed: watch.committed?.lastIndex ?? 0,
    traceHash: trace.hash,
    coverage,
    failure,
  };
}

function runWorld(
  base: Pick<SimWorld, 'parameters' | 'coverage' | 'trace' | 'timeline' | 'wallClock'>,
  onWatch: (watch: ClusterWatch) => void,
): void {
  const { parameters, coverage, timeline } = base;
  const random = new Random(parameters.seed ^ 0x5eed);
  const [network, disk, node, workload, faults] = [
    random.fork(),
    random.fork(),
    random.fork(),
    random.fork(),
    random.fork(),
  ];
  const watch = new ClusterWatch(idempotencyLimits(parameters), coverage, (instanceId) => cluster.diskOf(instanceId));
  onWatch(watch);
  const world: SimWorld = {
    ...base,
    watch,
    network: new SimNetwork({ timeline, coverage, random: network }, parameters, (message) => {
      cluster.deliver(message);
    }),
    temper: { parameters: parameters.disk, isHealed: false },
    random: { disk, node, workload, faults },
  };
  const cluster: SimCluster = new SimCluster(world);
  new Run(world, cluster).run();
}

/** One run: faults first, then peace. */
class Run {
  private readonly faults: Faults;
  private readonly administrator: Administrator;
  private readonly history = new RegisterHistory();
  private readonly clients: Client[] = [];
  private readonly witnesses: Witness[] = [];
  private readonly reads: ReadCheck;

  constructor(
    private readonly world: SimWorld,
    private readonly cluster: SimCluster,
  ) {
    this.administrator = new Administrator(world, cluster);
    this.faults = new Faults(world, cluster, {
      mayDamage: () => this.administrator.isIdle,
      onDeposed: (host) => {
        this.witness(host).stay();
      },
    });
    this.reads = new ReadCheck(world, this.history);
    cluster.onCrashed = (host) => {
      this.faults.restartLater(host);
    };
  }

  run(): void {
    const { timeline, parameters } = this.world;
    for (let number = 1; number <= parameters.workload.clients; number += 1) {
      this.clients.push(this.client(`c${number}`, { nodes: () => this.cluster.running, attemptsMax: 6 }));
    }
    this.cluster.found();
    this.faults.start();
    this.administrator.start();
    for (const client of this.clients) {
      client.run();
    }
    while (timeline.eventCount < parameters.events) {
      timeline.runNext();
    }
    for (const each of [...this.clients, ...this.witnesses]) {
      each.stop();
    }
    this.note('heals');
    this.administrator.heal();
    this.faults.heal();
    const { cluster, administrator } = this;
    const prober = this.client('probe', { nodes: () => cluster.runningMembers, attemptsMax: 200 });
    new RecoveryPhase(this.world, { cluster, administrator, prober }).run();
    this.history.check(this.world.watch.clients.writes);
  }

  private witness(host: SimHost): Witness {
    const client = this.client(`w${this.witnesses.length + 1}`, { nodes: () => runningOf(host), attemptsMax: 1 });
    const witness = new Witness(client, this.world);
    this.witnesses.push(witness);
    return witness;
  }

  private client(
    name: string,
    manner: { readonly nodes: () => readonly SimProcess[]; readonly attemptsMax: number },
  ): Client {
    const { reads, history } = this;
    const random = this.world.random.workload.fork();
    return new Client(name, this.world, { reads, history, random, ...manner });
  }

  private note(what: string): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node: '', what, detail: null });
  }
}

function runningOf({ process }: SimHost): SimProcess[] {
  return process === null ? [] : [process];
}

function describe(error: unknown): { readonly invariant: string; readonly message: string } {
  if (error instanceof Violation) {
    return { invariant: error.invariant, message: error.message };
  }
  if (error instanceof InvariantViolation) {
    return { invariant: 'core', message: error.stack ?? error.message };
  }
  return { invariant: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
