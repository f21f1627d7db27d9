import { exponential, pick, pickWeighted, uniform } from './draw.js';
import type { FaultClass } from './parameters.js';
import { drawCut } from './partitions.js';
import type { SimCluster, SimHost } from './sim-cluster.js';
import type { SimWorld } from './sim-world.js';
import { electionTimeoutMs } from './sim-world.js';

/** Breaks things now and then, and mends them a while later. */
export class Faults {
  private isHealed = false;
  private readonly timeoutMs: number;

  constructor(
    private readonly world: SimWorld,
    private readonly cluster: SimCluster,
  ) {
    this.timeoutMs = electionTimeoutMs(world.parameters);
  }

  start(): void {
    const acts: Partial<Record<FaultClass, () => void>> = {
      partition: () => {
        this.partition();
      },
      crash: () => {
        this.crash();
      },
      pause: () => {
        this.pause();
      },
      clockRate: () => {
        this.changeClock();
      },
      transfer: () => {
        this.transfer();
      },
    };
    for (const faultClass of this.world.parameters.faults) {
      const act = acts[faultClass];
      if (act !== undefined) {
        this.repeat(act);
      }
    }
  }

  /** Everything works from now on: the network, the disks, the clocks and every machine that may run. */
  heal(): void {
    this.isHealed = true;
    const { network, temper } = this.world;
    network.isHealed = true;
    network.cut.clear();
    temper.isHealed = true;
    for (const host of this.cluster.hosts) {
      host.clockRate = 1;
      host.process?.heal();
      this.cluster.start(host);
    }
  }

  /** A process ended by itself: its machine starts another a while later. */
  restartLater(host: SimHost): void {
    this.later(this.timeoutMs * 2, () => {
      this.cluster.start(host);
    });
  }

  private partition(): void {
    const { network, random, coverage } = this.world;
    const ids = this.cluster.hosts.map((host) => host.id);
    const cut = drawCut(random.faults, ids, this.cluster.leaders[0]?.nodeId ?? null);
    coverage.add('partition');
    this.note('', 'cut', cut.join(' '));
    cut.forEach((link) => network.cut.add(link));
    this.later(this.timeoutMs * 3, () => {
      this.note('', 'mended', cut.join(' '));
      cut.forEach((link) => network.cut.delete(link));
    });
  }

  private crash(): void {
    const { random } = this.world;
    const how = pickWeighted(random.faults, [
      [4, 'one'],
      [4, 'insideStep'],
      [3, 'leader'],
      [1, 'gracefully'],
      [1, 'all'],
    ] as const);
    const running = this.cluster.running;
    if (running.length === 0) {
      return;
    }
    const one =
      how === 'leader' ? (this.cluster.leaders[0] ?? pick(random.faults, running)) : pick(random.faults, running);
    const host = this.cluster.host(one.nodeId);
    switch (how) {
      case 'one':
      case 'leader':
        this.cluster.crash(host);
        this.restartLater(host);
        return;
      case 'insideStep':
        one.crashAfter(random.faults.between({ from: 0, until: 12 }));
        return;
      case 'gracefully':
        this.cluster.stop(host);
        this.restartLater(host);
        return;
      case 'all':
        this.world.coverage.add('clusterCrash');
        for (const each of this.cluster.hosts) {
          this.cluster.crash(each);
          this.restartLater(each);
        }
    }
  }

  private pause(): void {
    const { random, coverage } = this.world;
    const running = this.cluster.running.filter((process) => process.phase === 'running');
    if (running.length === 0) {
      return;
    }
    const process = pick(random.faults, running);
    coverage.add('pause');
    this.note(process.nodeId, 'pauses', null);
    process.pause();
    this.later(this.timeoutMs * 2, () => {
      this.note(process.nodeId, 'goes on', null);
      process.resume();
    });
  }

  private changeClock(): void {
    const { random } = this.world;
    const host = pick(random.faults, this.cluster.hosts);
    host.clockRate = random.faults.chance(0.5) ? 1 : uniform(random.faults, { from: 0.5, until: 2 });
    if (host.process !== null) {
      host.process.clock.rate = host.clockRate;
    }
    this.note(host.id, 'clock', host.clockRate.toFixed(2));
  }

  private transfer(): void {
    const { random, coverage } = this.world;
    const leader = this.cluster.leaders.find((process) => process.phase === 'running');
    if (leader === undefined) {
      return;
    }
    const target = random.faults.chance(0.4) ? null : pick(random.faults, this.cluster.hosts).id;
    this.note(leader.nodeId, 'hands over', target ?? 'to anybody');
    leader.submit({ type: 'transferLeadership', target });
    if (leader.state.transfer !== null) {
      coverage.add('leadershipTransferred');
    }
  }

  private repeat(act: () => void): void {
    const { timeline, random, parameters } = this.world;
    timeline.after(exponential(random.faults, parameters.faultEveryMs), () => {
      if (!this.isHealed) {
        act();
        this.repeat(act);
      }
    });
  }

  private later(meanMs: number, act: () => void): void {
    this.world.timeline.after(exponential(this.world.random.faults, meanMs), () => {
      if (!this.isHealed) {
        act();
      }
    });
  }

  private note(node: string, what: string, detail: string | null): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node, what, detail });
  }
}
