import { decodeText } from '../../src/lib/bytes.js';
import { assert } from '../../src/lib/assert.js';
import { compareKeys } from '../../src/state-machine/index.js';
import type { CommandEnvelope, CommandResult, Condition, IdempotencyLimits } from '../../src/state-machine/index.js';
import type { Kept } from '../support/kept.js';

/** What the store should do, in the plainest way: a Map of keys, a Map of results, no sharing and no cleverness. */
export class Model {
  revision = 0;
  readonly keys = new Map<string, Kept>();
  readonly remembered = new Map<string, { fingerprint: string; untilMs: number; result: CommandResult }>();

  constructor(private readonly limits: IdempotencyLimits) {}

  apply({ idempotency, command }: CommandEnvelope, timeMs: number): CommandResult {
    if (idempotency === null) {
      return this.execute(command);
    }
    for (const [key, entry] of this.remembered) {
      if (timeMs >= entry.untilMs) {
        this.remembered.delete(key);
      }
    }
    const known = this.remembered.get(idempotency.key);
    if (known !== undefined) {
      return known.fingerprint === idempotency.fingerprint ? known.result : { kind: 'idempotencyKeyReused' };
    }
    if (this.remembered.size >= this.limits.entriesMax) {
      return { kind: 'idempotencyTableFull' };
    }
    const result = this.execute(command);
    const untilMs = timeMs + idempotency.retentionMs;
    this.remembered.set(idempotency.key, { fingerprint: idempotency.fingerprint, untilMs, result });
    return result;
  }

  /** All keys that begin with `prefix`, in byte order. */
  sorted(prefix: string): { key: string }[] {
    const items = [...this.keys].map(([key, stored]) => ({ key, ...stored }));
    return items.filter(({ key }) => key.startsWith(prefix)).sort((left, right) => compareKeys(left.key, right.key));
  }

  private execute(command: CommandEnvelope['command']): CommandResult {
    assert(command.kind !== 'restore', 'the model knows no restores');
    if (command.kind === 'deletePrefix') {
      return this.delete([...this.keys.keys()].filter((key) => key.startsWith(command.prefix)));
    }
    const keys = command.kind === 'put' ? command.entries.map(({ key }) => key) : [command.key];
    for (const key of keys) {
      const modRevision = this.keys.get(key)?.modRevision ?? null;
      if (!allows(command.condition, modRevision)) {
        return { kind: 'conditionFailed', revision: this.revision, modRevision };
      }
    }
    if (command.kind === 'delete') {
      return this.delete(keys.filter((key) => this.keys.has(key)));
    }
    this.revision += 1;
    for (const { key, value } of command.entries) {
      const old = this.keys.get(key) ?? { createRevision: this.revision, version: 0 };
      const { createRevision, version } = old;
      this.keys.set(key, {
        value: decodeText(value),
        createRevision,
        modRevision: this.revision,
        version: version + 1,
      });
    }
    return { kind: 'written', revision: this.revision };
  }

  private delete(keys: readonly string[]): CommandResult {
    this.revision += keys.length > 0 ? 1 : 0;
    for (const key of keys) {
      this.keys.delete(key);
    }
    return { kind: 'deleted', revision: this.revision, deleted: keys.length };
  }
}

function allows(condition: Condition | null, modRevision: number | null): boolean {
  if (condition === null) {
    return true;
  }
  if (condition.kind === 'ifNoneMatch') {
    return modRevision === null;
  }
  return modRevision !== null && (condition.modRevision === null || condition.modRevision === modRevision);
}
