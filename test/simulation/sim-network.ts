import type { Random } from '../../src/lib/random.js';
import type { Message } from '../../src/raft/index.js';
import { decodeMessage, encodeMessage } from '../../src/transport/message-codec.js';
import type { Coverage } from './coverage.js';
import { exponential, uniform } from './draw.js';
import type { RunParameters } from './parameters.js';
import type { Timeline } from './timeline.js';

/** Carries messages: late, twice, out of order or not at all. */
export class SimNetwork {
  /** Links that carry nothing now, as `from>to`. */
  readonly cut = new Set<string>();
  /** Set: messages arrive soon, and what was sent before is lost. */
  isHealed = false;
  private readonly lastArrivalMs = new Map<string, number>();

  /** @param deliver - Takes a message that arrives. */
  constructor(
    private readonly world: { readonly timeline: Timeline; readonly random: Random; readonly coverage: Coverage },
    private readonly parameters: RunParameters,
    private readonly deliver: (message: Message) => void,
  ) {}

  send(message: Message): void {
    const { random, coverage } = this.world;
    const { lossRate, duplicationRate } = this.parameters.network;
    if (!this.isHealed && random.chance(lossRate)) {
      coverage.add('messageLost');
      return;
    }
    this.carry(message, this.delayMs());
    if (!this.isHealed && random.chance(duplicationRate)) {
      coverage.add('messageDoubled');
      const { electionTimeoutTicks, tickMs } = this.parameters.timing;
      const laterMs = random.chance(0.2) ? uniform(random, { from: 0, until: 3 * electionTimeoutTicks * tickMs }) : 0;
      this.carry(message, this.delayMs() + laterMs);
    }
  }

  private carry(message: Message, delayMs: number): void {
    const { timeline } = this.world;
    const link = `${message.from}>${message.to}`;
    const earliestMs = this.keepsOrder ? (this.lastArrivalMs.get(link) ?? 0) : 0;
    const arrivalMs = Math.max(timeline.nowMs + delayMs, earliestMs);
    this.lastArrivalMs.set(link, arrivalMs);
    const { isHealed } = this;
    timeline.after(arrivalMs - timeline.nowMs, () => {
      if (this.cut.has(link) || isHealed !== this.isHealed) {
        this.world.coverage.add('messageLost');
      } else {
        this.deliver(this.parameters.network.isEncoded ? decodeMessage(encodeMessage(message).slice()) : message);
      }
    });
  }

  private get keepsOrder(): boolean {
    return !this.isHealed && !this.parameters.faults.has('disorder');
  }

  private delayMs(): number {
    const { delayMinMs, delayMeanMs } = this.parameters.network;
    const { random } = this.world;
    if (this.isHealed) {
      return uniform(random, { from: 0.2, until: 1 });
    }
    const isSpike = this.parameters.faults.has('delay') && random.chance(0.01);
    return delayMinMs + exponential(random, delayMeanMs) * (isSpike ? 50 : 1);
  }
}
