import type { Operation, Value } from '../history.js';

/** What a simple store takes. */
export type SimpleOperation = Extract<Operation, { op: 'get' | 'put' | 'delete' }>;

interface Held {
  readonly value: Value;
  readonly revision: number;
}

/** A store that takes one operation at a time: what it answers is right by construction. */
export class SimpleStore {
  private readonly keys = new Map<string, Held>();
  private revision = 0;

  /** @param tellsRevisions - Whether answers name revisions. */
  constructor(private readonly tellsRevisions: boolean) {}

  /** Does what the operation asks for, and returns it with the answer. */
  take(operation: SimpleOperation): SimpleOperation {
    const held = this.keys.get(operation.key);
    if (operation.op === 'get') {
      return { ...operation, output: { value: held?.value ?? null, revision: this.told(held?.revision) } };
    }
    if (!conditionHolds(operation, held)) {
      const found = this.tellsRevisions ? { output: { revision: held?.revision ?? null } } : {};
      return { ...operation, ...found, outcome: 'refused' };
    }
    if (operation.op === 'put') {
      this.keys.set(operation.key, { value: operation.input.value, revision: ++this.revision });
      return { ...operation, output: { revision: this.told(this.revision) } };
    }
    if (!this.keys.delete(operation.key)) {
      return { ...operation, output: { deleted: false } };
    }
    return { ...operation, output: { deleted: true, revision: this.told(++this.revision) } };
  }

  private told(revision: number | undefined): number | undefined {
    return this.tellsRevisions ? revision : undefined;
  }
}

function conditionHolds(operation: Exclude<SimpleOperation, { op: 'get' }>, held: Held | undefined): boolean {
  const { ifMatch, ifNoneMatch } = operation.input ?? {};
  if (ifNoneMatch !== undefined) {
    return held === undefined;
  }
  return ifMatch === undefined || (held !== undefined && (ifMatch === '*' || ifMatch === held.revision));
}
