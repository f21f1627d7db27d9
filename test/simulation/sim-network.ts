import type { Random } from '../../src/lib/random.js';
import { frameHeader, FrameAssembler } from '../../src/transport/frame-assembler.js';
import type { Message } from '../../src/raft/index.js';
import { decodeMessage, encodeMessage } from '../../src/transport/message-codec.js';
import type { Coverage } from './coverage.js';
import { exponential, pick, shuffled, uniform } from './draw.js';
import type { RunParameters } from './parameters.js';
import type { Timeline } from './timeline.js';

/** Longest frame that a receiver takes, in bytes. */
const frameBytesMax = 10_000_000;

/** Carries messages: late, twice, out of order, changed or not at all. */
export class SimNetwork {
  /** Links that carry nothing now, as `from>to`, and how many cuts each of them must see mended. */
  private readonly cuts = new Map<string, number>();
  /** Set: messages arrive soon, and what was sent before is lost. */
  private isHealed = false;
  private readonly lastArrivalMs = new Map<string, number>();
  /** Messages on links that are held up for a while. */
  private readonly held = new Map<string, Message[]>();
  /** Links that lose more than others. */
  private readonly lossRates = new Map<string, number>();

  /** @param deliver - Takes a message that arrives. */
  constructor(
    private readonly world: { readonly timeline: Timeline; readonly random: Random; readonly coverage: Coverage },
    private readonly parameters: RunParameters,
    private readonly deliver: (message: Message) => void,
  ) {}

  /** From now on messages arrive soon and in order; the order of what is lost does not bind them. */
  heal(): void {
    this.isHealed = true;
    this.cuts.clear();
    this.lastArrivalMs.clear();
  }

  /** The link carries nothing until {@link mend} was called as often as this. */
  cut(link: string): void {
    this.cuts.set(link, (this.cuts.get(link) ?? 0) + 1);
  }

  mend(link: string): void {
    this.cuts.set(link, (this.cuts.get(link) ?? 0) - 1);
  }

  send(message: Message): void {
    const { random, coverage } = this.world;
    const link = linkOf(message);
    if (!this.isHealed && random.chance(this.lossRate(link))) {
      coverage.add('messageLost');
      return;
    }
    const held = this.held.get(link);
    if (held !== undefined && !this.isHealed) {
      coverage.add('messageHeld');
      held.push(message);
      return;
    }
    this.carry(message, this.delayMs());
    if (!this.isHealed && random.chance(this.parameters.network.duplicationRate)) {
      coverage.add('messageDoubled');
      this.carryCopy(message);
    }
  }

  /** What is sent on the link from now on waits for {@link release}. */
  hold(link: string): void {
    if (!this.held.has(link)) {
      this.held.set(link, []);
    }
  }

  /** What waited on the link goes on, in any order. */
  release(link: string): void {
    const messages = this.held.get(link) ?? [];
    this.held.delete(link);
    for (const message of shuffled(this.world.random, messages)) {
      this.carry(message, this.delayMs());
    }
  }

  /** Many a copy comes so late that the term it was sent in is over. */
  private carryCopy(message: Message): void {
    const { random } = this.world;
    if (random.chance(0.6)) {
      this.carry(message, this.delayMs());
      return;
    }
    const { electionTimeoutTicks, tickMs } = this.parameters.timing;
    const untilMs = pick(random, [3, 15]) * electionTimeoutTicks * tickMs;
    this.arriveAfter(message, this.delayMs() + uniform(random, { from: 0, until: untilMs }));
  }

  /** Sends the message after those that went before it, where the link keeps their order. */
  private carry(message: Message, delayMs: number): void {
    const { nowMs } = this.world.timeline;
    const link = linkOf(message);
    const earliestMs = this.keepsOrder ? (this.lastArrivalMs.get(link) ?? 0) : 0;
    const arrivalMs = Math.max(nowMs + delayMs, earliestMs);
    this.lastArrivalMs.set(link, arrivalMs);
    this.arriveAfter(message, arrivalMs - nowMs);
  }

  private arriveAfter(message: Message, delayMs: number): void {
    const link = linkOf(message);
    const { isHealed } = this;
    this.world.timeline.after(delayMs, () => {
      if ((this.cuts.get(link) ?? 0) > 0 || isHealed !== this.isHealed) {
        this.world.coverage.add('messageLost');
      } else {
        this.arrive(message);
      }
    });
  }

  private arrive(message: Message): void {
    const { isEncoded, corruptionRate } = this.parameters.network;
    if (!this.isHealed && corruptionRate > 0 && this.world.random.chance(corruptionRate)) {
      this.arriveCorrupted(message);
    } else {
      this.deliver(isEncoded ? decodeMessage(encodeMessage(message).slice()) : message);
    }
  }

  /** One bit flips on the way: the frame's checksum is to notice, and the message is lost. */
  private arriveCorrupted(message: Message): void {
    const { random, coverage } = this.world;
    const payload = encodeMessage(message);
    const frame = new Uint8Array([...frameHeader(payload), ...payload]);
    const position = random.between({ from: 0, until: frame.length });
    frame[position] = (frame[position] ?? 0) ^ (1 << random.between({ from: 0, until: 8 }));
    coverage.add('messageCorrupted');
    new FrameAssembler(frameBytesMax).push(frame, (received) => {
      this.deliver(decodeMessage(received));
      return true;
    });
  }

  private lossRate(link: string): number {
    const { lossRate } = this.parameters.network;
    if (lossRate === 0) {
      return 0;
    }
    let rate = this.lossRates.get(link);
    if (rate === undefined) {
      const { random } = this.world;
      rate = random.chance(0.1) ? uniform(random, { from: lossRate, until: 0.9 }) : lossRate;
      this.lossRates.set(link, rate);
    }
    return rate;
  }

  private get keepsOrder(): boolean {
    return this.isHealed || !this.parameters.faults.has('disorder');
  }

  private delayMs(): number {
    const { delayMinMs, delayMeanMs } = this.parameters.network;
    const { random } = this.world;
    if (this.isHealed) {
      return uniform(random, { from: 0.2, until: 1 });
    }
    const isSpike = this.parameters.faults.has('delay') && random.chance(this.keepsOrder ? 0.002 : 0.01);
    return delayMinMs + exponential(random, delayMeanMs) * (isSpike ? 50 : 1);
  }
}

function linkOf({ from, to }: Message): string {
  return `${from}>${to}`;
}
