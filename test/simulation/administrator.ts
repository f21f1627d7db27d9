import type { Random } from '../../src/lib/random.js';
import type { JoinRequest, MembershipChange } from '../../src/raft/index.js';
import { exponential, pick, pickWeighted } from './draw.js';
import type { RunParameters } from './parameters.js';
import type { SimCluster, SimHost } from './sim-cluster.js';
import { memberOf } from './sim-cluster.js';
import type { SimWorld } from './sim-world.js';
import { electionTimeoutMs } from './sim-world.js';

/** What the administrator is about. */
type Goal =
  | { readonly kind: 'add'; readonly host: SimHost; readonly promote: boolean; readonly isReplacing: boolean }
  | { readonly kind: 'move'; readonly host: SimHost }
  | { readonly kind: 'remove'; readonly host: SimHost };

/**
 * Changes the members, one goal at a time, until each is reached: adds, removes, moves and replaces nodes.
 *
 * Knows what a careful operator knows: nothing is removed while a wiped disk waits to be replaced.
 */
export class Administrator {
  private goal: Goal | null = null;
  private isHealed = false;
  private readonly timeoutMs: number;

  constructor(
    private readonly world: SimWorld,
    private readonly cluster: SimCluster,
  ) {
    this.timeoutMs = electionTimeoutMs(world.parameters);
  }

  start(): void {
    const { faults } = this.world.parameters;
    if (faults.has('membership') || faults.has('wipe') || faults.has('bitRot')) {
      this.work();
    }
  }

  /** Finishes what is begun and begins nothing new. */
  heal(): void {
    this.isHealed = true;
    if (this.refusing !== undefined) {
      // Its repair does not wait for the leisurely look that is due.
      this.work();
    }
  }

  get isIdle(): boolean {
    return this.goal === null && this.refusing === undefined;
  }

  private work(): void {
    const { timeline, random, parameters } = this.world;
    const waitMs =
      this.goal === null && !this.isHealed ? exponential(random.faults, parameters.faultEveryMs) : this.timeoutMs;
    timeline.after(waitMs, () => {
      this.goal ??= this.repairGoal();
      if (this.goal === null && !this.isHealed) {
        this.goal = this.drawGoal();
      }
      if (this.goal !== null) {
        this.pursue(this.goal);
      }
      if (!this.isIdle || !this.isHealed) {
        this.work();
      }
    });
  }

  /** The member that found its data damaged and does not start. */
  private get refusing(): SimHost | undefined {
    const { hosts, members } = this.cluster;
    return hosts.find(
      ({ id, disk, process }) => disk.isDamaged && process === null && members.knows(id, disk.instanceId),
    );
  }

  /** Whoever refuses its data is given an empty disk and joins again. */
  private repairGoal(): Goal | null {
    const host = this.refusing;
    if (host === undefined) {
      return null;
    }
    this.cluster.wipe(host);
    return { kind: 'add', host, promote: true, isReplacing: true };
  }

  private drawGoal(): Goal | null {
    const { random, parameters } = this.world;
    const { members, hosts } = this.cluster;
    if (hosts.some((host) => host.disk.isDamaged && members.knows(host.id, host.disk.instanceId))) {
      // Nobody knows of the damage yet; a second copy must not go with it.
      return null;
    }
    if (!parameters.faults.has('membership') && !parameters.faults.has('wipe')) {
      return null;
    }
    const kind = drawKind(random.faults, { faults: parameters.faults, voters: members.voterIds.length });
    const inside = hosts.filter((host) => members.knows(host.id, host.disk.instanceId));
    switch (kind) {
      case 'add':
        return this.addGoal(hosts.filter((host) => members.member(host.id) === undefined));
      case 'remove':
        return this.removeGoal(inside);
      case 'move':
        return this.moveGoal(inside);
      case 'replace':
        return this.replaceGoal(inside);
    }
  }

  private addGoal(outside: readonly SimHost[]): Goal | null {
    const { random } = this.world;
    if (outside.length === 0) {
      return null;
    }
    const host = pick(random.faults, outside);
    if (host.isAdmitted) {
      this.cluster.wipe(host);
    }
    return { kind: 'add', host, promote: random.faults.chance(0.8), isReplacing: false };
  }

  private removeGoal(inside: readonly SimHost[]): Goal | null {
    const { random } = this.world;
    const { members } = this.cluster;
    const leader = this.cluster.leaders[0];
    const isLeader = leader !== undefined && random.faults.chance(0.7);
    const host = isLeader ? this.cluster.host(leader.nodeId) : pick(random.faults, inside);
    const isLastVoter = members.voterIds.length === 1 && members.isVoter(host.id);
    return isLastVoter || !inside.includes(host) ? null : { kind: 'remove', host };
  }

  /** A machine gets another address, mostly with another process; until the members know it, it must do the dialling. */
  private moveGoal(inside: readonly SimHost[]): Goal | null {
    const { random } = this.world;
    if (inside.length === 0) {
      return null;
    }
    const host = pick(random.faults, inside);
    host.moves += 1;
    if (random.faults.chance(0.7)) {
      this.cluster.crash(host);
      this.cluster.start(host);
    }
    return { kind: 'move', host };
  }

  /** A voter loses its disk where the others are a quorum without it; its new disk may run before it is admitted. */
  private replaceGoal(inside: readonly SimHost[]): Goal | null {
    const { random } = this.world;
    const { members } = this.cluster;
    if (members.voterIds.length < 3) {
      return null;
    }
    const host = pick(random.faults, inside);
    this.cluster.wipe(host);
    if (random.faults.chance(0.5)) {
      host.isAdmitted = true;
      this.cluster.start(host);
    }
    return { kind: 'add', host, promote: true, isReplacing: true };
  }

  private pursue(goal: Goal): void {
    const { coverage } = this.world;
    const { host } = goal;
    const member = this.cluster.members.member(host.id);
    if (goal.kind === 'remove') {
      if (member === undefined) {
        this.retire(host);
        this.goal = null;
        return;
      }
      this.propose({ kind: 'remove', id: host.id });
      return;
    }
    const wanted = joinRequest(goal);
    if (goal.kind === 'move') {
      if (member?.raftAddr !== wanted.raftAddr) {
        this.propose({ kind: 'join', member: wanted, replace: false });
        return;
      }
      coverage.add('memberMoved');
      this.goal = null;
      return;
    }
    if (member?.instanceId !== host.disk.instanceId) {
      this.propose({ kind: 'join', member: wanted, replace: goal.isReplacing });
      return;
    }
    host.isAdmitted = true;
    this.cluster.start(host);
    if (member.role === 'voter' || !goal.promote) {
      coverage.add(goal.isReplacing ? 'memberReplaced' : 'learnerPromoted');
      this.goal = null;
    }
  }

  /** A node that was removed runs on for a while, as it does until somebody stops it. */
  private retire(host: SimHost): void {
    this.world.timeline.after(exponential(this.world.random.faults, this.timeoutMs * 5), () => {
      const isOut = this.cluster.members.member(host.id) === undefined;
      if (isOut && !this.isHealed && this.goal?.host !== host) {
        this.cluster.crash(host);
        host.isAdmitted = false;
      }
    });
  }

  private propose(change: MembershipChange): void {
    const { random } = this.world;
    const able = this.cluster.running.filter((process) => process.phase === 'running');
    if (able.length === 0) {
      return;
    }
    const process = pick(random.faults, able);
    this.note(process.nodeId, change);
    const ignore = (): void => undefined;
    process.propose({ kind: 'change', change }, { resolve: ignore, reject: ignore }, this.timeoutMs * 3);
  }

  private note(node: string, change: MembershipChange): void {
    const who = change.kind === 'join' ? change.member.id : change.id;
    const { trace, timeline } = this.world;
    trace.note({ atMs: timeline.nowMs, node, what: 'operator', detail: `${change.kind} ${who}` });
  }
}

/** Small clusters grow, mostly: without a third voter nobody is elected in a leader's stead. */
function drawKind(
  random: Random,
  { faults, voters }: { readonly faults: RunParameters['faults']; readonly voters: number },
): 'add' | 'remove' | 'move' | 'replace' {
  const weights = voters < 3 ? { add: 8, remove: 1, move: 2 } : { add: 4, remove: 4, move: 2 };
  const changes = faults.has('membership') ? 1 : 0;
  return pickWeighted(random, [
    [changes * weights.add, 'add'],
    [changes * weights.remove, 'remove'],
    [changes * weights.move, 'move'],
    [faults.has('wipe') ? 2 : 0, 'replace'],
  ] as const);
}

function joinRequest(goal: Exclude<Goal, { kind: 'remove' }>): JoinRequest {
  const { id, disk, moves } = goal.host;
  const { instanceId, httpAddr, raftAddr } = memberOf(id, disk.instanceId, 'learner', moves);
  return { id, instanceId, httpAddr, raftAddr, promote: goal.kind === 'move' || goal.promote };
}
