import type { Client } from './client.js';
import type { SimWorld } from './sim-world.js';
import { electionTimeoutMs } from './sim-world.js';

/** Asks in turn; what is asked often is what a deposed leader may answer wrongly. */
const turns = ['put', 'default', 'consistent', 'default'] as const;

/** How often a witness asks, in all and in one election timeout. */
const asksMax = 18;
const asksPerTimeout = 3;

/** A client that stays with a leader that was cut off, or with one of its company: it asks on while the others elect another. */
export class Witness {
  private isStopped = false;

  /** @param client - Asks that one node alone. */
  constructor(
    private readonly client: Client,
    private readonly world: SimWorld,
  ) {}

  /** Asks from now on, until it has asked enough. */
  stay(asked = 0): void {
    const turn = turns[asked % turns.length];
    if (turn === undefined || asked >= asksMax) {
      return;
    }
    this.world.timeline.after(electionTimeoutMs(this.world.parameters) / asksPerTimeout, () => {
      if (!this.isStopped) {
        this.client.once(turn);
        this.stay(asked + 1);
      }
    });
  }

  stop(): void {
    this.isStopped = true;
  }
}
