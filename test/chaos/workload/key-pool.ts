import { at } from '../../../src/lib/assert.js';
import type { Random } from '../../../src/lib/random.js';

/** Operations on a key after which another one takes its place. */
const operationsMax = 300;

/** Writes of unknown outcome on a key, at most: each may take effect at any later time, so each doubles the search. */
const unknownMax = 12;

interface Slot {
  readonly number: number;
  generation: number;
  operations: number;
  unknown: number;
  /** Writes under way: each of them may become unknown. */
  underWay: number;
}

/** A key that a client holds for one operation. */
export interface KeyUse {
  readonly key: string;
  /** Says how it ended; a read is never `unknown`. */
  readonly done: (isUnknown: boolean) => void;
}

/** The few keys that all clients share at a time: few, so that operations meet. */
export class KeyPool {
  private readonly slots: Slot[];

  constructor(
    private readonly random: Random,
    count: number,
  ) {
    this.slots = Array.from({ length: count }, (_, number) => newSlot(number, 0));
  }

  /** The keys in use at present. */
  get keys(): string[] {
    return this.slots.map(keyOf);
  }

  read(): KeyUse {
    return this.use(at(this.slots, this.random.between({ from: 0, until: this.slots.length })), false);
  }

  write(): KeyUse {
    return at(this.writeMany(1), 0);
  }

  /** Several keys for one write. */
  writeMany(count: number): KeyUse[] {
    const first = this.random.between({ from: 0, until: this.slots.length });
    return Array.from({ length: count }, (_, offset) =>
      this.use(at(this.slots, (first + offset) % this.slots.length), true),
    );
  }

  private use(current: Slot, isWrite: boolean): KeyUse {
    const slot = this.renewed(current);
    const key = keyOf(slot);
    slot.operations += 1;
    slot.underWay += isWrite ? 1 : 0;
    let isDone = false;
    return {
      key,
      done: (isUnknown) => {
        if (isWrite && !isDone) {
          slot.underWay -= 1;
          slot.unknown += isUnknown ? 1 : 0;
        }
        isDone = true;
      },
    };
  }

  private renewed(slot: Slot): Slot {
    if (slot.operations < operationsMax && slot.unknown + slot.underWay < unknownMax) {
      return slot;
    }
    const next = newSlot(slot.number, slot.generation + 1);
    this.slots[slot.number] = next;
    return next;
  }
}

function newSlot(number: number, generation: number): Slot {
  return { number, generation, operations: 0, unknown: 0, underWay: 0 };
}

function keyOf({ number, generation }: Slot): string {
  return `w/${number}/${generation}`;
}
