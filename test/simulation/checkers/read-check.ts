import { isDeepStrictEqual } from 'node:util';
import type { LogIndex } from '../../../src/raft/index.js';
import type { ReadLevel } from '../operations.js';
import type { SimProcess } from '../sim-process.js';
import type { SimWorld } from '../sim-world.js';
import { nameInValue } from './reference-state.js';
import type { RegisterHistory } from './register-history.js';
import { holds } from './violation.js';
import { kept } from '../../support/kept.js';
import type { Kept } from '../../support/kept.js';

/** A read under way. */
interface BegunRead {
  readonly client: string;
  readonly level: ReadLevel;
  readonly startMs: number;
  /** What somebody had seen when it began. */
  readonly floor: LogIndex;
}

/** A clock runs at this rate at least. */
export const clockRateMin = 0.5;

/** I19, I20, I29: what reads show. */
export class ReadCheck {
  private readonly lastShown = new Map<SimProcess, LogIndex>();

  constructor(
    private readonly world: SimWorld,
    private readonly history: RegisterHistory,
  ) {}

  begin(client: string, level: ReadLevel): BegunRead {
    const startMs = this.world.timeline.nowMs;
    return { client, level, startMs, floor: this.floorFor(level, startMs) };
  }

  /** A client reads `key` on a node. @returns What it sees. */
  value(begun: BegunRead, process: SimProcess, key: string): Kept | undefined {
    const index = this.place(begun, process);
    const shown = kept(process.stateMachine.store.get(key));
    this.compare(process, key, { shown, index });
    if (begun.level === 'consistent') {
      const writeId = shown === undefined ? null : nameInValue(shown.value);
      this.history.noteRead({ key, writeId, startMs: begun.startMs, endMs: this.world.timeline.nowMs });
    }
    return shown;
  }

  /** A client reads all keys on a node. */
  list(begun: BegunRead, process: SimProcess): void {
    const index = this.place(begun, process);
    const { items } = process.stateMachine.store.range({ prefix: '', after: null, limit: 10_000 });
    const shown = new Map(items.map(({ key, ...stored }) => [key, kept(stored)]));
    const { reference } = this.world.watch;
    for (const key of new Set([...shown.keys(), ...reference.keys])) {
      this.compare(process, key, { shown: shown.get(key), index });
    }
  }

  private compare(
    process: SimProcess,
    key: string,
    { shown, index }: { readonly shown: Kept | undefined; readonly index: LogIndex },
  ): void {
    const expected = this.world.watch.reference.valueAt(key, index);
    const words = (): string => `${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`;
    holds(isDeepStrictEqual(shown, expected), 'I29', () => `${process.nodeId} shows ${key} at ${index} as ${words()}`);
  }

  /** The index whose state the read shows; it is recent enough for its level and does not go back on its node. */
  private place({ level, floor, startMs }: BegunRead, process: SimProcess): LogIndex {
    const { coverage, watch, timeline } = this.world;
    const index = process.appliedIndex;
    const invariant = level === 'consistent' ? 'I19' : 'I20';
    const words = (): string => `a ${level} read of ${process.nodeId} begun at ${startMs.toFixed(1)}`;
    holds(index >= floor, invariant, () => `${words()} shows ${index}, ${floor} had been seen before`);
    holds(index >= (this.lastShown.get(process) ?? 0), 'I20', () => `${words()} goes back to ${index}`);
    this.lastShown.set(process, index);
    switch (level) {
      case 'consistent':
        coverage.add('readConsistent');
        watch.clients.floor.raise(timeline.nowMs, index);
        break;
      case 'default':
        coverage.add('readDefault');
        break;
      case 'stale':
        coverage.add('readStale');
    }
    return index;
  }

  /** A `default` read may miss what was seen within one election timeout of the slowest clock. */
  private floorFor(level: ReadLevel, startMs: number): LogIndex {
    const { floor } = this.world.watch.clients;
    const { electionTimeoutTicks, tickMs } = this.world.parameters.timing;
    switch (level) {
      case 'consistent':
        return floor.index;
      case 'default':
        return floor.at(startMs - ((electionTimeoutTicks + 2) * tickMs) / clockRateMin);
      case 'stale':
        return 0;
    }
  }
}
