import { assert } from '../../src/lib/assert.js';
import { Configuration } from '../../src/raft/index.js';
import type { InstanceId, Member, Message, NodeId } from '../../src/raft/index.js';
import { extendHash } from './checkers/entry-hash.js';
import { SimDisk } from './sim-disk.js';
import { SimProcess } from './sim-process.js';
import type { SimWorld } from './sim-world.js';

/** A machine: it keeps its disk while processes come and go. */
export interface SimHost {
  readonly id: NodeId;
  disk: SimDisk;
  process: SimProcess | null;
  /** Its disk belongs to a member of the cluster, now or once: it may be started. */
  isAdmitted: boolean;
  /** How often it was given another address. */
  moves: number;
  clockRate: number;
  /** What the calendar clock of the machine is off, in milliseconds. */
  wallOffsetMs: number;
}

/** All machines of a run. */
export class SimCluster {
  readonly hosts: readonly SimHost[];
  /** Called when a process ended by itself: in the middle of a step, or because of its disk. */
  onCrashed: (host: SimHost) => void = () => undefined;
  private readonly disks = new Map<InstanceId, SimDisk>();
  private lastDisk = 0;

  constructor(private readonly world: SimWorld) {
    const { voters, spares } = world.parameters;
    const ids = Array.from({ length: voters + spares }, (_, position) => `n${position + 1}`);
    const founders = ids.slice(0, voters).map((id) => memberOf(id, this.nextInstance(id), 'voter'));
    const configuration = new Configuration(founders);
    this.hosts = ids.map((id) => {
      const member = configuration.member(id);
      const disk =
        member === undefined
          ? new SimDisk(id, this.nextInstance(id))
          : SimDisk.founded(id, member.instanceId, configuration);
      this.disks.set(disk.instanceId, disk);
      return { id, disk, process: null, isAdmitted: member !== undefined, moves: 0, clockRate: 1, wallOffsetMs: 0 };
    });
  }

  /** The disk of an instance, also when it was taken out since. */
  readonly diskOf = (instanceId: InstanceId): SimDisk | undefined => this.disks.get(instanceId);

  /** Starts all founders; their first entry is committed from the beginning. */
  found(): void {
    const first = this.hosts[0]?.disk.entry(1);
    assert(first !== undefined, 'a founder holds the first entry');
    this.world.watch.committed.note(first, extendHash(0, first), first.term);
    for (const host of this.hosts.filter((each) => each.isAdmitted)) {
      this.start(host);
    }
  }

  get running(): SimProcess[] {
    return this.hosts.flatMap((host) => (host.process === null ? [] : [host.process]));
  }

  get leaders(): SimProcess[] {
    return this.running.filter((process) => process.state.isLeader);
  }

  host(id: NodeId): SimHost {
    const host = this.hosts.find((candidate) => candidate.id === id);
    assert(host !== undefined, `there is a host ${id}`);
    return host;
  }

  /** The members as of the last committed configuration. */
  get members(): Configuration {
    const { committed } = this.world.watch;
    return committed.configurationAt(committed.lastIndex) ?? Configuration.empty;
  }

  /** Those that are members and run. */
  get runningMembers(): SimProcess[] {
    const { members } = this;
    return this.running.filter((process) => members.knows(process.nodeId, process.disk.instanceId));
  }

  readonly deliver = (message: Message): void => {
    const { process } = this.host(message.to);
    if (process === null || !this.isConnected(message)) {
      this.world.coverage.add(process === null ? 'messageLost' : 'addressUnknown');
      return;
    }
    if (message.term + 1 < process.state.currentTerm) {
      this.world.coverage.add('messageFromOldTerm');
    }
    this.note(message.to, process.phase === 'paused' ? 'would get' : 'gets', message);
    process.deliver({ type: 'message', message });
  };

  start(host: SimHost): void {
    if (host.process !== null || !host.isAdmitted) {
      return;
    }
    if (host.disk.isDamaged) {
      this.world.coverage.add('damageFound');
      this.note(host.id, 'refuses its damaged data', host.disk.instanceId);
      return;
    }
    const { snapshots, entries, bootNumber } = host.disk;
    if (bootNumber > 0) {
      this.world.coverage.add('restart');
    }
    if (snapshots.length > 0 && entries.length > 0) {
      this.world.coverage.add('restartFromSnapshotAndTail');
    }
    this.note(host.id, 'starts', host.disk.instanceId);
    host.process = new SimProcess(this.world, host, () => {
      this.crash(host);
      this.onCrashed(host);
    });
  }

  crash(host: SimHost): void {
    const { process } = host;
    if (process === null) {
      return;
    }
    const { coverage } = this.world;
    coverage.add('crash');
    if (process.state.isLeader) {
      coverage.add('leaderCrash');
    }
    if (process.isReceivingSnapshot) {
      coverage.add('installInterrupted');
    }
    this.note(host.id, 'crashes', null);
    host.process = null;
    process.crash();
  }

  stop(host: SimHost): void {
    if (host.process !== null) {
      this.world.coverage.add('gracefulStop');
      this.note(host.id, 'stops', null);
      const { process } = host;
      host.process = null;
      process.stop();
    }
  }

  /** The machine loses its process and its data and gets an empty disk, which belongs to nobody yet. */
  wipe(host: SimHost): void {
    this.crash(host);
    host.disk = new SimDisk(host.id, this.nextInstance(host.id));
    host.isAdmitted = false;
    this.disks.set(host.disk.instanceId, host.disk);
    this.note(host.id, 'is wiped', host.disk.instanceId);
  }

  /** Whoever knows the address of the other dials, and a connection carries messages both ways. */
  private isConnected(message: Message): boolean {
    const [from, to] = [this.host(message.from), this.host(message.to)];
    // What a process sent before it ended was on a connection that it had.
    return from.process === null || knowsAddress(from, to) || knowsAddress(to, from);
  }

  private nextInstance(id: NodeId): InstanceId {
    this.lastDisk += 1;
    return `${id}.d${this.lastDisk}`;
  }

  private note(node: NodeId, what: string, detail: Message | string | null): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node, what, detail });
  }
}

/** @param moves - How often its machine was given another address. */
export function memberOf(id: NodeId, instanceId: InstanceId, role: Member['role'], moves = 0): Member {
  return { id, instanceId, httpAddr: `${id}.${moves}:80`, raftAddr: `${id}.${moves}:90`, role, promote: true };
}

function knowsAddress({ process }: SimHost, { id, moves }: SimHost): boolean {
  const { raftAddr } = memberOf(id, '', 'voter', moves);
  return process?.state.configuration.member(id)?.raftAddr === raftAddr;
}
