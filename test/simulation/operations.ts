import { encodeText } from '../../src/lib/bytes.js';
import type { Random } from '../../src/lib/random.js';
import { encodeCommand } from '../../src/state-machine/index.js';
import type { Command, Condition } from '../../src/state-machine/index.js';
import { pickWeighted, uniform } from './draw.js';
import type { RunParameters } from './parameters.js';

export type ReadLevel = 'stale' | 'default' | 'consistent';

/** What a client does next. */
export type Operation =
  | {
      readonly kind: 'write';
      readonly id: string;
      readonly command: Command;
      /** Repeated under the same idempotency key until the outcome is known. */
      readonly isRepeatable: boolean;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'read'; readonly level: ReadLevel; readonly key: string }
  | { readonly kind: 'list'; readonly level: ReadLevel };

/** Draws what clients do; every value is unique. */
export class OperationSource {
  private lastOperation = 0;

  /** @param client - Begins the names of its operations. */
  constructor(
    private readonly client: string,
    private readonly random: Random,
    private readonly workload: RunParameters['workload'],
  ) {}

  /** @param knownRevision - What the client saw last of a key; null: it was not there, undefined: nothing. */
  next(knownRevision: (key: string) => number | null | undefined): Operation {
    const kind = pickWeighted(this.random, [
      [40, 'put'],
      [30, 'consistent'],
      [8, 'default'],
      [5, 'stale'],
      [5, 'delete'],
      [6, 'conditional'],
      [3, 'several'],
      [2, 'list'],
      [1, 'prefix'],
    ] as const);
    switch (kind) {
      case 'consistent':
      case 'default':
      case 'stale':
        return { kind: 'read', level: kind, key: this.drawKey() };
      case 'list':
        return { kind: 'list', level: this.random.chance(0.7) ? 'consistent' : 'default' };
      default:
        return this.write((id) => this.drawCommand(kind, id, knownRevision));
    }
  }

  /** A put without condition. */
  put(): Operation {
    return this.write((id) => ({
      kind: 'put',
      entries: [{ key: this.drawKey(), value: this.value(id) }],
      condition: null,
    }));
  }

  private write(draw: (id: string) => Command): Operation {
    this.lastOperation += 1;
    const id = `${this.client}-${this.lastOperation}`;
    const command = draw(id);
    const isRepeatable = command.kind !== 'put' || this.random.chance(0.6);
    const idempotency = isRepeatable
      ? { key: id, fingerprint: id, retentionMs: this.workload.idempotencyRetentionMs }
      : null;
    return { kind: 'write', id, command, isRepeatable, data: encodeCommand({ idempotency, command }) };
  }

  private drawCommand(
    kind: 'put' | 'delete' | 'conditional' | 'several' | 'prefix',
    id: string,
    knownRevision: (key: string) => number | null | undefined,
  ): Command {
    const key = this.drawKey();
    const value = this.value(id);
    switch (kind) {
      case 'put':
        return { kind: 'put', entries: [{ key, value }], condition: null };
      case 'delete':
        return { kind: 'delete', key, condition: this.random.chance(0.3) ? conditionFor(knownRevision(key)) : null };
      case 'conditional':
        return { kind: 'put', entries: [{ key, value }], condition: conditionFor(knownRevision(key)) };
      case 'several': {
        const keys = new Set([key, this.drawKey(), this.drawKey()]);
        return { kind: 'put', entries: [...keys].map((each) => ({ key: each, value })), condition: null };
      }
      case 'prefix':
        return { kind: 'deletePrefix', prefix: key };
    }
  }

  private value(id: string): Uint8Array {
    const units = Math.floor(uniform(this.random, { from: 0, until: this.workload.valueUnits }));
    return encodeText(JSON.stringify(`${id} ${'x'.repeat(units)}`));
  }

  /** Some keys are drawn more often than others. */
  private drawKey(): string {
    const { keys } = this.workload;
    const first = this.random.between({ from: 0, until: keys });
    return `k${Math.min(first, this.random.between({ from: 0, until: keys }))}`;
  }
}

function conditionFor(revision: number | null | undefined): Condition {
  if (revision === undefined) {
    return { kind: 'ifMatch', modRevision: null };
  }
  return revision === null ? { kind: 'ifNoneMatch' } : { kind: 'ifMatch', modRevision: revision };
}
