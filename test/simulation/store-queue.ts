import type { Random } from '../../src/lib/random.js';
import type { Coverage } from './coverage.js';
import { exponential, uniform } from './draw.js';
import type { RunParameters } from './parameters.js';
import type { Timeline } from './timeline.js';

/** One operation on a store: a transaction, all of it or nothing. */
export interface StoreOperation {
  /** Makes it durable. */
  readonly commit: () => void;
  /** Tells whoever waits; called once it is durable. */
  readonly done: () => void;
}

/** What a disk is like. It is one for the whole run; `isHealed` makes it quick and faultless. */
export interface DiskTemper {
  readonly parameters: RunParameters['disk'];
  isHealed: boolean;
}

/** One connection to a store: operations become durable one after the other, each after a while. */
export class StoreQueue {
  private readonly operations: StoreOperation[] = [];
  private isClosed = false;

  /** @param onError - The disk refused an operation, which may be durable all the same: the process must stop. */
  constructor(
    private readonly world: { readonly timeline: Timeline; readonly random: Random; readonly coverage: Coverage },
    private readonly temper: DiskTemper,
    private readonly onError: () => void,
  ) {}

  add(operation: StoreOperation): void {
    this.operations.push(operation);
    if (this.operations.length === 1) {
      this.startNext();
    }
  }

  get isIdle(): boolean {
    return this.operations.length === 0;
  }

  /** The process is gone: the operation in flight is durable or not, those behind it are lost. */
  crash(): void {
    const { coverage, random } = this.world;
    const inFlight = this.operations[0];
    this.isClosed = true;
    this.operations.length = 0;
    if (inFlight === undefined) {
      return;
    }
    const isKept = random.chance(this.temper.parameters.keepRate);
    coverage.add(isKept ? 'crashKeepsWriteInFlight' : 'crashLosesWrite');
    if (isKept) {
      inFlight.commit();
    }
  }

  /** The process ends in good order: everything becomes durable, nobody is told. */
  drain(): void {
    this.isClosed = true;
    for (const operation of this.operations.splice(0)) {
      operation.commit();
    }
  }

  /** The disk is quick again: what is in flight need not wait any longer. */
  hurry(): void {
    if (this.operations.length > 0) {
      this.startNext();
    }
  }

  private startNext(): void {
    const operation = this.operations[0];
    this.world.timeline.after(this.latencyMs(), () => {
      if (this.isClosed || operation === undefined || this.operations[0] !== operation) {
        return;
      }
      if (!this.temper.isHealed && this.world.random.chance(this.temper.parameters.errorRate)) {
        this.world.coverage.add('diskError');
        this.onError();
        return;
      }
      this.completeFirst();
    });
  }

  private completeFirst(): void {
    const operation = this.operations.shift();
    operation?.commit();
    if (this.operations.length > 0) {
      this.startNext();
    }
    operation?.done();
  }

  private latencyMs(): number {
    const { parameters, isHealed } = this.temper;
    const { random, coverage } = this.world;
    if (isHealed) {
      return 0.5;
    }
    if (random.chance(parameters.stallRate)) {
      coverage.add('diskStall');
      return uniform(random, { from: 500, until: 5_000 });
    }
    return exponential(random, parameters.meanMs);
  }
}
