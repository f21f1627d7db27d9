import type { Random } from '../../src/lib/random.js';
import type { NodeId } from '../../src/raft/index.js';
import { clockRateMin } from './checkers/read-check.js';
import { exponential, pick, pickWeighted, shuffled, uniform } from './draw.js';
import { ForeignCluster } from './foreign-cluster.js';
import { faultClasses } from './parameters.js';
import type { FaultClass } from './parameters.js';
import { drawCut } from './partitions.js';
import type { SimCluster, SimHost } from './sim-cluster.js';
import type { SimProcess } from './sim-process.js';
import type { SimWorld } from './sim-world.js';
import { electionTimeoutMs } from './sim-world.js';

/** Calendar clocks are off by up to an hour. */
const wallJumpMaxMs = 3_600_000;

/** Election timeouts between two partitions, on average. */
const wholeMeanTimeouts = 5;

/** Breaks things now and then, and mends them a while later. */
export class Faults {
  private isHealed = false;
  private readonly timeoutMs: number;
  private readonly foreign: ForeignCluster;

  constructor(
    private readonly world: SimWorld,
    private readonly cluster: SimCluster,
    private readonly others: {
      /** Whether the disk of a member may be lost now: none is being replaced. */
      readonly mayDamage: () => boolean;
      /** Gets a machine of those that were cut off with their leader. */
      readonly onDeposed: (host: SimHost) => void;
    },
  ) {
    this.timeoutMs = electionTimeoutMs(world.parameters);
    this.foreign = new ForeignCluster(world, cluster);
  }

  start(): void {
    const acts: Partial<Record<FaultClass, (random: Random) => void>> = {
      hold: (random) => {
        this.hold(random);
      },
      partition: (random) => {
        this.partition(random);
      },
      crash: (random) => {
        this.crash(random);
      },
      storageFull: (random) => {
        this.fillStorage(random);
      },
      pause: (random) => {
        this.pause(random);
      },
      clockRate: (random) => {
        this.changeClock(random);
      },
      wallClock: (random) => {
        this.jumpWallClock(random, pick(random, this.cluster.hosts));
      },
      bitRot: (random) => {
        this.rot(random);
      },
      transfer: (random) => {
        this.transfer(random);
      },
      foreignCluster: (random) => {
        this.foreign.call(random);
      },
    };
    const { faultEveryMs, faults } = this.world.parameters;
    for (const faultClass of faultClasses) {
      // A generator for each class, also for those that are left out: so one can be taken away without shifting the rest.
      const random = this.world.random.faults.fork();
      const act = acts[faultClass];
      if (act !== undefined && faults.has(faultClass)) {
        // Cuts last for some election timeouts: where they came closer, the network would hardly ever be whole.
        const everyMs = faultClass === 'partition' ? wholeMeanTimeouts * this.timeoutMs : faultEveryMs;
        this.repeat(random, everyMs, act);
      }
    }
  }

  /** Everything works from now on: the network, the disks, the clocks and every machine that may run. */
  heal(): void {
    this.isHealed = true;
    const { network, temper } = this.world;
    network.heal();
    temper.isHealed = true;
    for (const host of this.cluster.hosts) {
      host.clockRate = 1;
      host.process?.heal();
      host.process?.submit({ type: 'storage', isFull: false });
      this.cluster.start(host);
    }
  }

  /** A process ended by itself: its machine starts another a while later. */
  restartLater(host: SimHost): void {
    this.later(this.world.random.faults, 2, () => {
      this.cluster.start(host);
    });
  }

  /** A link, or each that leads away from the leader, holds up what is sent on it and lets it go in any order. */
  private hold(random: Random): void {
    const leaderId = random.chance(0.4) ? this.leaderId : null;
    const [one, another] = shuffled(random, this.ids);
    const from = leaderId ?? one;
    if (from === undefined || another === undefined) {
      return;
    }
    const to = leaderId === null ? [another] : this.ids.filter((id) => id !== leaderId);
    for (const link of to.map((id) => `${from}>${id}`)) {
      this.world.network.hold(link);
      this.later(random, leaderId === null ? 2 : 4, () => {
        this.world.network.release(link);
      });
    }
  }

  private partition(random: Random): void {
    if (random.chance(0.15)) {
      this.swizzle(random);
      return;
    }
    const { leaderId } = this;
    if (leaderId !== null && random.chance(0.8) && this.cluster.members.voterIds.length >= 3) {
      this.depose(random, leaderId, random.chance(0.5) ? this.drawCompany(random, leaderId) : []);
    } else {
      this.cut(random, drawCut(random, this.ids, leaderId));
    }
  }

  /**
   * The leader is alone, or with a company that leaves a majority to the others, for so long that another is elected, while
   * clients still ask it and one of the company. Later the other may hand over to it, so that it leads again while
   * something of its former term is still on its way.
   */
  private depose(random: Random, leaderId: NodeId, company: readonly NodeId[] = []): void {
    const few = [leaderId, ...company];
    const others = this.ids.filter((id) => !few.includes(id));
    const toOthers = few.flatMap((id) => others.map((other) => `${id}>${other}`));
    const fromOthers = random.chance(0.5) ? few.flatMap((id) => others.map((other) => `${other}>${id}`)) : [];
    this.cut(random, [...toOthers, ...fromOthers], 4);
    for (const id of few.slice(0, 2)) {
      this.others.onDeposed(this.cluster.host(id));
    }
    // Without a majority that works nobody would be elected.
    for (const host of this.cluster.hosts.filter(({ id }) => id !== leaderId)) {
      this.cluster.start(host);
      host.process?.resume();
    }
    if (random.chance(0.5)) {
      this.later(random, 8, () => {
        this.handOver(leaderId);
      });
    }
    if (this.world.parameters.faults.has('wallClock')) {
      this.later(random, 1, () => {
        this.jumpWallClock(random, this.cluster.host(leaderId));
      });
    }
  }

  /** As many voters as can be with the leader while the others are a majority. */
  private drawCompany(random: Random, leaderId: NodeId): readonly NodeId[] {
    const { voterIds, quorumSize } = this.cluster.members;
    const voters = shuffled(random, voterIds).filter((id) => id !== leaderId && this.ids.includes(id));
    return voters.slice(0, Math.max(0, voterIds.length - quorumSize - 1));
  }

  /** Nodes lose the others one by one, and find them again in another order. */
  private swizzle(random: Random): void {
    for (const id of shuffled(random, this.ids).slice(0, Math.ceil(this.ids.length / 2))) {
      const others = this.ids.filter((other) => other !== id);
      const cut = others.flatMap((other) => [`${id}>${other}`, `${other}>${id}`]);
      this.later(random, 1, () => {
        this.cut(random, cut);
      });
    }
  }

  /** @param minTimeouts - Election timeouts that it lasts at least. */
  private cut(random: Random, links: readonly string[], minTimeouts = 0): void {
    const { network, coverage } = this.world;
    coverage.add('partition');
    this.note('', 'cut', links.join(' '));
    links.forEach((link) => {
      network.cut(link);
    });
    const lastMs = minTimeouts * this.timeoutMs + exponential(random, 2 * this.timeoutMs);
    this.world.timeline.after(lastMs, () => {
      this.note('', 'mended', links.join(' '));
      links.forEach((link) => {
        network.mend(link);
      });
    });
  }

  private crash(random: Random): void {
    const how = pickWeighted(random, [
      [4, 'one'],
      [4, 'insideStep'],
      [3, 'leader'],
      [6, 'leaderAlone'],
      [1, 'gracefully'],
      [1, 'all'],
    ] as const);
    const running = this.cluster.running;
    if (running.length === 0) {
      return;
    }
    const one = how.startsWith('leader') ? (this.cluster.leaders[0] ?? pick(random, running)) : pick(random, running);
    const host = this.cluster.host(one.nodeId);
    switch (how) {
      case 'one':
      case 'leader':
        this.cluster.crash(host);
        this.restartLater(host);
        return;
      case 'leaderAlone':
        this.depose(random, host.id);
        this.later(random, 0.5, () => {
          this.cluster.crash(host);
          this.restartLater(host);
        });
        return;
      case 'insideStep':
        one.crashAfter(random.between({ from: 0, until: 12 }));
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

  private fillStorage(random: Random): void {
    const process = this.drawRunning(random);
    if (process === null) {
      return;
    }
    this.world.coverage.add('storageFull');
    this.note(process.nodeId, 'storage', 'full');
    process.submit({ type: 'storage', isFull: true });
    this.later(random, 5, () => {
      this.note(process.nodeId, 'storage', 'has room');
      process.submit({ type: 'storage', isFull: false });
    });
  }

  /** A process stands still for a while; a leader for so long that it wakes among what came after it. */
  private pause(random: Random): void {
    const leader = random.chance(0.4) ? this.cluster.leaders[0] : undefined;
    const process = leader ?? this.drawRunning(random);
    if (process?.phase !== 'running') {
      return;
    }
    this.world.coverage.add('pause');
    this.note(process.nodeId, 'pauses', null);
    process.pause();
    if (leader !== undefined) {
      this.others.onDeposed(this.cluster.host(leader.nodeId));
    }
    this.later(random, leader === undefined ? 2 : 4, () => {
      this.note(process.nodeId, 'goes on', null);
      process.resume();
    });
  }

  private changeClock(random: Random): void {
    const host = pick(random, this.cluster.hosts);
    host.clockRate = random.chance(0.5) ? 1 : uniform(random, { from: clockRateMin, until: 2 });
    if (host.process !== null) {
      host.process.clock.rate = host.clockRate;
    }
    this.note(host.id, 'clock', host.clockRate.toFixed(2));
  }

  private jumpWallClock(random: Random, host: SimHost): void {
    host.wallOffsetMs = uniform(random, { from: -wallJumpMaxMs, until: wallJumpMaxMs });
    this.world.coverage.add('wallClockJump');
    this.note(host.id, 'calendar', Math.round(host.wallOffsetMs));
  }

  /** A byte of what a voter stored changes. Never on two at a time: then nobody could know what was acknowledged. */
  private rot(random: Random): void {
    const { hosts, members } = this.cluster;
    const inside = hosts.filter((host) => members.knows(host.id, host.disk.instanceId));
    const isSafe =
      members.voterIds.length >= 3 && !hosts.some((host) => host.disk.isDamaged) && this.others.mayDamage();
    if (!isSafe || inside.length === 0) {
      return;
    }
    const host = pick(random, inside);
    host.disk.isDamaged = true;
    this.note(host.id, 'rots', host.disk.instanceId);
    if (random.chance(0.5)) {
      this.cluster.crash(host);
      this.restartLater(host);
    }
  }

  private transfer(random: Random): void {
    this.handOver(random.chance(0.4) ? null : pick(random, this.cluster.hosts).id);
  }

  /** @param target - Null: to whoever is best. */
  private handOver(target: NodeId | null): void {
    const leader = this.cluster.leaders.find((process) => process.phase === 'running');
    if (leader === undefined) {
      return;
    }
    this.note(leader.nodeId, 'hands over', target ?? 'to anybody');
    leader.submit({ type: 'transferLeadership', target });
    if (leader.state.transfer !== null) {
      this.world.coverage.add('leadershipTransferred');
    }
  }

  private get leaderId(): NodeId | null {
    return this.cluster.leaders[0]?.nodeId ?? null;
  }

  private get ids(): NodeId[] {
    return this.cluster.hosts.map((host) => host.id);
  }

  private drawRunning(random: Random): SimProcess | null {
    const running = this.cluster.running.filter((process) => process.phase === 'running');
    return running.length === 0 ? null : pick(random, running);
  }

  private repeat(random: Random, everyMs: number, act: (random: Random) => void): void {
    this.world.timeline.after(exponential(random, everyMs), () => {
      if (!this.isHealed) {
        act(random);
        this.repeat(random, everyMs, act);
      }
    });
  }

  /** @param meanTimeouts - Mean time until then, in election timeouts. */
  private later(random: Random, meanTimeouts: number, act: () => void): void {
    this.world.timeline.after(exponential(random, meanTimeouts * this.timeoutMs), () => {
      if (!this.isHealed) {
        act();
      }
    });
  }

  private note(node: string, what: string, detail: string | number | null): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node, what, detail });
  }
}
