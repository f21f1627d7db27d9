import { emptyNodes, nameOf } from '../../src/cluster/founding/founding-step.js';
import type { FoundingStep, nextStep } from '../../src/cluster/founding/founding-step.js';
import type { PeerReport } from '../../src/cluster/founding/peer-report.js';
import { foundingClusterId } from '../../src/consensus/founding.js';
import type { Founder } from '../../src/consensus/founding.js';
import { at } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';

/** A decision of the product, or of a variant that a test breaks on purpose. */
export type Decide = typeof nextStep;

export interface ModelOptions {
  readonly decide: Decide;
  readonly steps: number;
  /** Disks that may be wiped in one run. */
  readonly wipesMax: number;
  /** How many nodes there are beyond those that are to found: a mistake of the operator. */
  readonly surplus?: number;
}

/** What a data directory holds: it outlives crashes, and a wipe makes another one. */
interface Disk {
  readonly instanceId: string;
  clusterId: string | null;
  founders: readonly Founder[];
}

/** One process slot: its address stays, its disk may be wiped. */
interface Slot {
  readonly id: string;
  disk: Disk;
  isUp: boolean;
  sees: readonly string[];
  /** Answers of the look that is under way, gathered one at a time while others go on. */
  answers: (PeerReport | null)[];
  /** Decided and not yet stored: the node reports it already. */
  storing: { readonly clusterId: string; readonly founders: readonly Founder[] } | null;
}

const expectedNodes = 3;

/** Empty nodes that found together, step by step in a random order, with crashes, wiped disks and broken links. */
export class FoundingModel {
  readonly slots: Slot[];
  private wipes = 0;
  private instances = 0;
  private readonly cut = new Set<string>();

  constructor(
    private readonly random: Random,
    private readonly options: ModelOptions,
  ) {
    const count = expectedNodes + (options.surplus ?? 0);
    this.slots = Array.from({ length: count }, (_, place) => this.newSlot(`n${place}`));
  }

  /**
   * Clusters that can elect a leader at the same time: a majority of the founders of each is on disks that exist.
   *
   * @returns Their ids.
   */
  run(): readonly string[] {
    for (let step = 0; step < this.options.steps; step += 1) {
      this.act();
      const able = this.ableClusters();
      if (able.length > 1) {
        return able;
      }
    }
    return this.ableClusters();
  }

  /** Lets everything run without further trouble. */
  settle(): void {
    this.cut.clear();
    for (let round = 0; round < 20; round += 1) {
      for (const slot of this.slots) {
        slot.isUp = true;
        while (slot.disk.clusterId === null && !this.look(slot)) {
          // One answer after the other.
        }
        this.store(slot);
      }
    }
  }

  private act(): void {
    const slot = this.any();
    const kind = this.random.between({ from: 0, until: 100 });
    if (kind < 70) {
      this.work(slot);
    } else if (kind < 80) {
      this.crash(slot);
    } else if (kind < 90) {
      this.toggleLink(slot, this.any());
    } else if (kind < 93 && this.wipes < this.options.wipesMax) {
      this.wipes += 1;
      this.crash(slot);
      slot.disk = this.newDisk();
    }
  }

  private work(slot: Slot): void {
    if (!slot.isUp) {
      slot.isUp = true;
    } else if (slot.storing !== null) {
      this.store(slot);
    } else if (slot.disk.clusterId === null) {
      this.look(slot);
    }
  }

  /** One more answer of a look; the last one decides. @returns Whether the look is over. */
  private look(slot: Slot): boolean {
    const asked = at(this.slots, slot.answers.length);
    slot.answers.push(this.answerOf(asked, slot));
    if (slot.answers.length < this.slots.length) {
      return false;
    }
    const reports = slot.answers.filter((answer) => answer !== null);
    slot.answers = [];
    slot.sees = emptyNodes(reports).map(nameOf);
    const { instanceId } = slot.disk;
    const own = { id: slot.id, instanceId };
    const addressCount = this.slots.length;
    this.follow(slot, this.options.decide({ own, expect: expectedNodes, addressCount, reports }));
    return true;
  }

  private follow(slot: Slot, step: FoundingStep): void {
    if (step.kind === 'adopt') {
      slot.storing = { clusterId: step.clusterId, founders: [] };
    } else if (step.kind === 'found') {
      slot.storing = { clusterId: foundingClusterId(step.founders), founders: step.founders };
    }
  }

  private store(slot: Slot): void {
    if (slot.storing !== null) {
      slot.disk.clusterId = slot.storing.clusterId;
      slot.disk.founders = slot.storing.founders;
      slot.storing = null;
    }
  }

  private answerOf(asked: Slot, asker: Slot): PeerReport | null {
    const isReached = asked === asker || !this.cut.has(linkOf(asked, asker));
    return asked.isUp && isReached ? this.reportOf(asked) : null;
  }

  private reportOf({ id, disk, storing, sees }: Slot): PeerReport {
    const held = disk.clusterId === null ? storing : disk;
    return {
      nodeId: id,
      instanceId: disk.instanceId,
      httpAddr: `${id}:1`,
      raftAddr: `${id}:2`,
      expect: expectedNodes,
      clusterId: held?.clusterId ?? null,
      members: [...(held?.founders ?? [])],
      isFounding: held !== null && held.founders.length > 0,
      sees: [...sees],
    };
  }

  private crash(slot: Slot): void {
    if (slot.storing !== null && this.random.between({ from: 0, until: 2 }) === 0) {
      // The write had reached the disk.
      this.store(slot);
    }
    Object.assign(slot, { isUp: false, sees: [], answers: [], storing: null });
  }

  private toggleLink(left: Slot, right: Slot): void {
    const link = linkOf(left, right);
    if (!this.cut.delete(link)) {
      this.cut.add(link);
    }
  }

  private ableClusters(): string[] {
    const holders = new Map<string, number>();
    for (const { disk } of this.slots) {
      if (disk.clusterId !== null) {
        holders.set(disk.clusterId, (holders.get(disk.clusterId) ?? 0) + 1);
      }
    }
    return [...holders].filter(([, count]) => count > expectedNodes / 2).map(([clusterId]) => clusterId);
  }

  private any(): Slot {
    return at(this.slots, this.random.between({ from: 0, until: this.slots.length }));
  }

  private newSlot(id: string): Slot {
    return { id, disk: this.newDisk(), isUp: false, sees: [], answers: [], storing: null };
  }

  private newDisk(): Disk {
    this.instances += 1;
    return { instanceId: `i${this.instances}`, clusterId: null, founders: [] };
  }
}

function linkOf(left: Slot, right: Slot): string {
  return [left.id, right.id].sort().join('-');
}
