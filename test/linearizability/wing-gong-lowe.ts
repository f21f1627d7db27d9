import { assert, at } from '../../src/lib/assert.js';
import { buildsOnState, isOpen, onlyObserves } from './key-operation.js';
import type { KeyOperation } from './key-operation.js';
import type { Model } from './models/model.js';
import { PendingList } from './pending-list.js';
import { PlacedSet } from './placed-set.js';
import { IMPOSSIBLE, StateTable } from './state-table.js';
import { Visited } from './visited.js';

/** How far a search has come. */
export type SearchState = 'searching' | 'linearizable' | 'not linearizable';

/** One operation more has its place. Together with its parents it is an order of operations. */
interface Position {
  readonly parent: Position | null;
  /** The operation that was placed last; -1 for none. */
  readonly placed: number;
  readonly state: number;
  /** The highest completed operation with a place; -1 for none. */
  readonly highest: number;
  /** The operation that returns first of those without place. */
  readonly nextReturn: number;
  /** What may come next, and the state that it leads to, in the order in which it is tried. */
  readonly choices: readonly number[];
  readonly nextStates: readonly number[];
  tried: number;
}

/**
 * Looks for an order of the operations of one key that a sequential key allows and that contradicts no client: the
 * search of Wing and Gong (1993) with the memory of Lowe (2017).
 *
 * Each completed operation gets one place, and only when no operation is left out that had ended before it began. An
 * open operation may get one. The search can be stopped after any number of steps and goes on where it was.
 *
 * Four rules save work and change no verdict.
 *
 * - An observation that fits now is placed now, without a choice: it stands in no one's way. (A write that changes
 *   nothing now could be needed later.)
 * - Of open operations that do the same the one that began first is used first.
 * - An open operation is used only where the next one needs it: an order that does without has no fewer ways on.
 * - A position that another one can stand for is not visited (see `Visited`).
 */
export class KeySearch {
  /** Work done: transitions looked up and positions compared. */
  steps = 0;
  state: SearchState = 'searching';
  /** Completed operations first, then the open ones; each by `start`. */
  private readonly operations: readonly KeyOperation[];
  private readonly completedCount: number;
  private readonly pending: PendingList;
  private readonly completedPlaced: PlacedSet;
  private readonly openPlaced: PlacedSet;
  private readonly twins: readonly number[];
  private readonly table: { readonly initial: number; step(state: number, action: number): number };
  private readonly visited = new Visited();
  private readonly candidates: number[] = [];
  private top: Position | null;
  /** The position where the first return that is still to come is the latest. */
  private furthest: Position;

  /** @param operations - The operations of one key by `start`, as `partition` makes them. */
  constructor(operations: readonly KeyOperation[], model: Model<unknown>) {
    const completed = operations.filter((operation) => !isOpen(operation));
    const open = operations.filter(isOpen);
    this.operations = [...completed, ...open];
    this.completedCount = completed.length;
    this.pending = new PendingList(completed);
    this.completedPlaced = new PlacedSet(completed.length);
    this.openPlaced = new PlacedSet(open.length);
    this.twins = twinsOf(open);
    this.table = new StateTable(
      model,
      this.operations.map(({ action }) => action),
    );
    this.furthest = this.positionAfter(null, -1, this.table.initial);
    this.top = this.furthest;
    if (this.pending.isEmpty) {
      this.state = 'linearizable';
    }
  }

  /** Goes on for about this many steps, or until there is a verdict. */
  run(steps: number): SearchState {
    const until = this.steps + steps;
    while (this.state === 'searching' && this.steps < until) {
      this.advance();
    }
    return this.state;
  }

  /**
   * The order that came furthest, and the operations that were waiting for a place when it could not go on. No order
   * gets past the answer of the first of them: what ended later has no part in the violation.
   */
  deadEnd(): { readonly prefix: readonly KeyOperation[]; readonly blocked: readonly KeyOperation[] } {
    const placed = new Set<number>();
    for (let position: Position | null = this.furthest; position !== null; position = position.parent) {
      if (position.placed >= 0) {
        placed.add(position.placed);
      }
    }
    const first = at(this.operations, this.furthest.nextReturn);
    const others = this.operations.filter(
      (operation, index) => operation !== first && operation.start <= first.end && !placed.has(index),
    );
    const prefix = [...placed].reverse().map((index) => at(this.operations, index));
    return { prefix, blocked: [first, ...others] };
  }

  private advance(): void {
    const position = this.top;
    if (position === null) {
      this.state = 'not linearizable';
      return;
    }
    const choice = position.choices[position.tried];
    if (choice === undefined) {
      this.goBack(position);
      return;
    }
    const state = at(position.nextStates, position.tried);
    position.tried += 1;
    this.place(choice);
    if (this.pending.isEmpty) {
      this.state = 'linearizable';
      return;
    }
    const highest = choice < this.completedCount ? Math.max(position.highest, choice) : position.highest;
    const work = this.visited.add(this.textOf(state, highest), this.openPlaced);
    this.steps += Math.max(work, 1);
    if (work === 0) {
      this.takeBack(choice);
      return;
    }
    this.top = this.positionAfter(position, choice, state);
    if (this.returnsLater(this.top.nextReturn, this.furthest.nextReturn)) {
      this.furthest = this.top;
    }
  }

  private goBack(position: Position): void {
    if (position.placed >= 0) {
      this.takeBack(position.placed);
    }
    this.top = position.parent;
    this.steps += 1;
  }

  private positionAfter(parent: Position | null, placed: number, state: number): Position {
    const nextReturn = this.pending.candidates(this.candidates);
    const choices: number[] = [];
    const nextStates: number[] = [];
    const highest = placed < this.completedCount ? Math.max(parent?.highest ?? -1, placed) : (parent?.highest ?? -1);
    const position = { parent, placed, state, highest, nextReturn, choices, nextStates, tried: 0 };
    for (const candidate of this.candidates) {
      const next = this.step(state, candidate);
      if (next === state && onlyObserves(at(this.operations, candidate).action)) {
        return { ...position, choices: [candidate], nextStates: [state] };
      }
      if (next !== IMPOSSIBLE) {
        choices.push(candidate);
        nextStates.push(next);
      }
    }
    if (nextReturn >= 0) {
      this.addOpenChoices(position, choices, nextStates);
    }
    return position;
  }

  /** Open operations come last: most runs are explained without most of them. */
  private addOpenChoices(position: Position, choices: number[], nextStates: number[]): void {
    const until = at(this.operations, position.nextReturn).end;
    const others = this.openBegunBy(until);
    for (const index of others) {
      const twin = at(this.twins, index - this.completedCount);
      if (twin >= 0 && !this.openPlaced.has(twin)) {
        continue;
      }
      const next = this.step(position.state, index);
      if (
        next !== IMPOSSIBLE &&
        next !== position.state &&
        this.isOfUse({ before: position.state, after: next }, others)
      ) {
        choices.push(index);
        nextStates.push(next);
      }
    }
  }

  private openBegunBy(until: number): readonly number[] {
    const begun: number[] = [];
    for (let index = this.completedCount; index < this.operations.length; index += 1) {
      if (at(this.operations, index).start > until) {
        break;
      }
      if (!this.openPlaced.has(index - this.completedCount)) {
        begun.push(index);
      }
    }
    return begun;
  }

  /** True when some operation can come next that could not, or would lead elsewhere, without the open one before it. */
  private isOfUse(change: { readonly before: number; readonly after: number }, open: readonly number[]): boolean {
    const needsIt = (operation: number): boolean => {
      const next = this.step(change.after, operation);
      return next !== IMPOSSIBLE && next !== this.step(change.before, operation);
    };
    const canNeedIt = (operation: number): boolean => buildsOnState(at(this.operations, operation).action);
    return this.candidates.some(needsIt) || open.some((operation) => canNeedIt(operation) && needsIt(operation));
  }

  private step(state: number, operation: number): number {
    this.steps += 1;
    return this.table.step(state, operation);
  }

  private place(operation: number): void {
    if (operation >= this.completedCount) {
      this.openPlaced.add(operation - this.completedCount);
      return;
    }
    this.completedPlaced.add(operation);
    this.pending.lift(operation);
  }

  private takeBack(operation: number): void {
    if (operation >= this.completedCount) {
      this.openPlaced.delete(operation - this.completedCount);
      return;
    }
    this.completedPlaced.delete(operation);
    this.pending.putBack(operation);
  }

  /** All below the first operation without place have one: what lies between it and the highest tells the rest. */
  private textOf(state: number, highest: number): string {
    const first = this.pending.first;
    assert(first >= 0, 'a position has operations without place');
    const numbers = String.fromCharCode(first & 0xffff, first >>> 16, state & 0xffff, state >>> 16);
    return numbers + this.completedPlaced.textBetween({ first, last: Math.max(first, highest) });
  }

  private returnsLater(a: number, b: number): boolean {
    return a >= 0 && (b < 0 || at(this.operations, a).end > at(this.operations, b).end);
  }
}

/** For each open operation the one before it that does the same; -1 where there is none. */
function twinsOf(open: readonly KeyOperation[]): readonly number[] {
  const latest = new Map<string, number>();
  return open.map(({ action }, index) => {
    const text = JSON.stringify(action);
    const twin = latest.get(text) ?? -1;
    latest.set(text, index);
    return twin;
  });
}
