import { LoopEffects } from '../../src/consensus/loop-effects.js';
import type { RaftInput } from '../../src/consensus/raft-input.js';
import { RaftLoop } from '../../src/consensus/raft-loop.js';
import { Ticker } from '../../src/consensus/ticker.js';
import { assert } from '../../src/lib/assert.js';
import { encodeText } from '../../src/lib/bytes.js';
import { Random } from '../../src/lib/random.js';
import { Clock } from '../../src/ports/clock.port.js';
import { RaftCore, proposalOrigin } from '../../src/raft/index.js';
import type { Configuration, Divergence, DurableState, Message, NodeId } from '../../src/raft/index.js';
import { coreConfig, durableState } from './raft-builders.js';
import { TextStateMachine } from './text-state-machine.js';

class ManualClock extends Clock {
  ms = 0;

  override nowMs(): number {
    return this.ms;
  }
}

/** Everything is done at once, by inputs that wait for their turn; what is sent goes to the cluster. */
class InstantEffects extends LoopEffects {
  readonly alarms: Divergence[] = [];
  readonly ended: string[] = [];
  readonly inputs: RaftInput[] = [];

  constructor(override readonly send: (message: Message) => void) {
    super();
  }

  override writeLog(): void {
    this.inputs.push({ type: 'persisted' });
  }

  override applyMoreSoon(index: number): void {
    this.inputs.push({ type: 'applied', index });
  }

  override raiseAlarm(divergence: Divergence): void {
    this.alarms.push(divergence);
  }

  override endAlarm(members: readonly NodeId[]): void {
    this.ended.push(members.join(' '));
  }

  override compactLog(): void {
    assert(false, 'no snapshot is taken');
  }

  override runSnapshotTask(): void {
    assert(false, 'no snapshot is sent');
  }

  override takeSnapshot(): void {
    assert(false, 'no snapshot is due');
  }

  override noteStatus(): void {
    // Nobody looks.
  }
}

/** One loop on a clock and a state machine of its own. */
export class LoopNode {
  readonly stateMachine = new TextStateMachine();
  readonly effects: InstantEffects;
  readonly core: RaftCore;
  readonly loop: RaftLoop;
  /** Why it stopped; null: it runs. */
  failure: unknown = null;
  private readonly clock = new ManualClock();

  constructor(
    readonly id: NodeId,
    given: {
      readonly configuration: Configuration;
      readonly checksumIntervalTicks: number;
      readonly durable?: DurableState;
      readonly send: (message: Message) => void;
    },
  ) {
    const { configuration, checksumIntervalTicks, durable = durableState({ configuration }) } = given;
    const config = coreConfig(id);
    this.effects = new InstantEffects(given.send);
    this.core = new RaftCore(config, new Random(id.charCodeAt(0)), durable);
    this.loop = new RaftLoop({
      core: this.core,
      stateMachine: this.stateMachine,
      effects: this.effects,
      ticker: new Ticker(this.clock, config.tickMs),
      origin: proposalOrigin(config),
      limits: {
        proposalsPendingMax: 100,
        proposalsPendingBytesMax: 100_000,
        readsPendingMax: 100,
        writeBatchBytesMax: 100_000,
        applySliceMax: 2,
        checksumIntervalTicks,
        snapshot: { entries: 1_000_000, bytes: 1_000_000, statePart: 1 / 8, keepEntries: 0, logBytesMax: 1_000_000 },
      },
    });
  }

  /** Takes an input and all that follows from it here; an error ends the node. */
  take(input: RaftInput): void {
    this.effects.inputs.push(input);
    for (let next = this.effects.inputs.shift(); next !== undefined; next = this.effects.inputs.shift()) {
      if (this.failure === null) {
        this.submit(next);
      }
    }
  }

  tick(ticks = 1): void {
    this.clock.ms += ticks * this.core.state.config.tickMs;
    this.take({ type: 'tick' });
  }

  propose(...texts: readonly string[]): void {
    for (const text of texts) {
      const caller = { resolve: () => undefined, reject: () => undefined };
      this.loop.proposals.add({ kind: 'command', data: encodeText(text) }, caller, Infinity);
    }
    this.take({ type: 'flush' });
  }

  private submit(input: RaftInput): void {
    try {
      this.loop.submit(input);
    } catch (error) {
      this.failure = error;
    }
  }
}

/** Several loops and a network without delay. */
export class LoopCluster {
  readonly nodes = new Map<NodeId, LoopNode>();
  /** Settable: looks at each message; false: it is lost. */
  passes: (message: Message) => boolean = () => true;
  /** Every message that was sent, lost or not. */
  readonly sent: Message[] = [];
  private network: Message[] = [];

  constructor(
    readonly configuration: Configuration,
    private readonly checksumIntervalTicks: number,
  ) {
    for (const { id } of configuration.members) {
      this.start(id);
    }
  }

  /** Starts the node anew on what it has stored. */
  restart(id: NodeId): LoopNode {
    const { log, currentTerm, votedFor, commitIndex } = this.node(id).core.state;
    const { snapshot } = durableState({ configuration: this.configuration });
    const entries = log.slice(1, { last: log.lastIndex, bytesMax: Infinity });
    return this.start(id, { hardState: { currentTerm, votedFor, commitIndex }, snapshot, entries });
  }

  /** @param durable - What it finds; not given: the members alone. */
  private start(id: NodeId, durable?: DurableState): LoopNode {
    const { configuration, checksumIntervalTicks } = this;
    const send = (message: Message): void => {
      this.sent.push(message);
      this.network.push(message);
    };
    const found = durable === undefined ? {} : { durable };
    const node = new LoopNode(id, { configuration, checksumIntervalTicks, send, ...found });
    this.nodes.set(id, node);
    return node;
  }

  node(id: NodeId): LoopNode {
    const node = this.nodes.get(id);
    assert(node !== undefined, `${id} is a node`);
    return node;
  }

  get leader(): LoopNode {
    const leader = [...this.nodes.values()].find((node) => node.failure === null && node.core.state.isLeader);
    assert(leader !== undefined, 'somebody leads');
    return leader;
  }

  /** Ids of those that stopped. */
  get stopped(): NodeId[] {
    return [...this.nodes.values()].filter(({ failure }) => failure !== null).map(({ id }) => id);
  }

  /** Makes `id` lead, as long as nobody does. */
  elect(id: NodeId): LoopNode {
    const node = this.node(id);
    node.tick(2 * node.core.state.config.electionTimeoutTicks);
    this.deliver();
    assert(node.core.state.isLeader, `${id} was elected`);
    return node;
  }

  /** Delivers until nothing is under way. */
  deliver(): void {
    for (let next = this.network.shift(); next !== undefined; next = this.network.shift()) {
      if (this.passes(next)) {
        this.nodes.get(next.to)?.take({ type: 'message', message: next });
      }
    }
  }

  /** Time passes everywhere, tick by tick, with every message delivered in between. */
  run(ticks: number): void {
    for (let tick = 0; tick < ticks; tick += 1) {
      this.nodes.forEach((node) => {
        node.tick();
      });
      this.deliver();
    }
  }
}
