import { isDeepStrictEqual } from 'node:util';
import { decodeText } from '../../../src/lib/bytes.js';
import { at } from '../../../src/lib/assert.js';
import type { Entry, LogIndex } from '../../../src/raft/index.js';
import { decodeCommand, KeyValueStore } from '../../../src/state-machine/index.js';
import type { CommandEnvelope, CommandResult, IdempotencyLimits } from '../../../src/state-machine/index.js';
import { Model } from '../../state-machine/model.js';
import type { Coverage } from '../coverage.js';
import { holds } from './violation.js';
import { kept } from '../../support/kept.js';
import type { Kept } from '../../support/kept.js';

/** One execution of a command. */
export interface Effect {
  readonly index: LogIndex;
  readonly timeMs: number;
  readonly result: CommandResult;
}

interface KeyStep {
  readonly index: LogIndex;
  /** Undefined: deleted. */
  readonly stored: Kept | undefined;
}

/**
 * The state after each committed entry, folded twice: by the real store and by a plain model of it.
 *
 * Whatever a node shows is compared with it (I16, I18, I20, I29).
 */
export class ReferenceState {
  private readonly store: KeyValueStore;
  private readonly model: Model;
  /** After the entry at each index; [0] is the empty state. */
  private readonly checksums: string[];
  private readonly steps = new Map<string, KeyStep[]>();

  /** @param onEffect - Takes each execution of a command, in order. */
  constructor(
    private readonly limits: IdempotencyLimits,
    private readonly coverage: Coverage,
    private readonly onEffect: (operationId: string, effect: Effect) => void,
  ) {
    this.store = new KeyValueStore(limits);
    this.model = new Model(limits);
    this.checksums = [this.store.checksum()];
  }

  get keys(): string[] {
    return [...this.steps.keys()];
  }

  checksumAt(index: LogIndex): string {
    return at(this.checksums, index);
  }

  /** The value of `key` after the entry at `index`. */
  valueAt(key: string, index: LogIndex): Kept | undefined {
    return this.steps.get(key)?.findLast((step) => step.index <= index)?.stored;
  }

  apply(entry: Entry): void {
    if (entry.kind === 'command') {
      this.execute(entry, decodeCommand(entry.data));
    }
    this.checksums.push(this.store.checksum());
  }

  private execute(entry: Entry, envelope: CommandEnvelope): void {
    const key = envelope.idempotency?.key;
    const known = key === undefined ? undefined : this.model.remembered.get(key);
    const remembered = this.model.remembered.size;
    const affected = this.affectedKeys(envelope);
    const expected = this.model.apply(envelope, entry.timeMs);
    const result = this.store.apply(entry);
    const words = (): string => `${JSON.stringify(envelope)} gave ${JSON.stringify(result)}`;
    holds(isDeepStrictEqual(result, expected), 'I29', () => `${words()}, not ${JSON.stringify(expected)}`);
    this.record(affected, entry.index);
    const after = key === undefined ? undefined : this.model.remembered.get(key);
    if (key === undefined || (after !== undefined && after !== known)) {
      this.onEffect(operationIdOf(envelope), { index: entry.index, timeMs: entry.timeMs, result });
    } else if (known !== undefined) {
      this.coverage.add('idempotentRepeat');
    }
    if (this.model.remembered.size < remembered) {
      this.coverage.add('idempotencyExpired');
    }
    holds(this.store.idempotencyEntryCount <= this.limits.entriesMax, 'I24', () => 'too much is remembered');
  }

  private affectedKeys({ command }: CommandEnvelope): string[] {
    switch (command.kind) {
      case 'put':
        return command.entries.map((entry) => entry.key);
      case 'delete':
        return [command.key];
      case 'deletePrefix':
        return [...this.model.keys.keys()].filter((key) => key.startsWith(command.prefix));
      case 'restore':
        return [];
    }
  }

  private record(keys: readonly string[], index: LogIndex): void {
    for (const key of keys) {
      const steps = this.steps.get(key) ?? [];
      const stored = this.model.keys.get(key);
      holds(isDeepStrictEqual(stored, kept(this.store.get(key))), 'I29', () => `${key} is not what the model says`);
      if (steps.at(-1)?.stored !== stored) {
        steps.push({ index, stored });
      }
      this.steps.set(key, steps);
    }
  }
}

/** Commands name their operation: by their idempotency key or else by their value. */
export function operationIdOf({ idempotency, command }: CommandEnvelope): string {
  if (idempotency !== null) {
    return idempotency.key;
  }
  return command.kind === 'put' ? nameInValue(decodeText(at(command.entries, 0).value)) : '';
}

/** A value is a JSON text that begins with the name of its operation: `"c1-7 xxxx"`. */
export function nameInValue(value: string): string {
  return (JSON.parse(value) as string).split(' ')[0] ?? '';
}
