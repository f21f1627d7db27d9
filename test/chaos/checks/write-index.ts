import type { Operation, Outcome } from '../../linearizability/index.js';
import type { Observation } from '../workload/observation.js';

/** One write to one key. */
export interface KeyWrite {
  readonly key: string;
  /** Null: it removes the key. */
  readonly value: string | null;
  readonly outcome: Outcome;
  /** Of the write, where it was acknowledged. */
  readonly revision: number | null;
  readonly source: Observation;
}

/** All writes by key and value. Values are unique, so that what is read tells which write it is of. */
export class WriteIndex {
  readonly writes: readonly KeyWrite[];
  private readonly byValue: ReadonlyMap<string, KeyWrite>;

  constructor(observations: readonly Observation[]) {
    this.writes = observations.flatMap(writesOf);
    this.byValue = new Map(this.writes.map((write) => [nameOf(write.key, write.value), write]));
  }

  /** The write of a value that was read. */
  find(key: string, value: string): KeyWrite | undefined {
    return this.byValue.get(nameOf(key, value));
  }
}

/** Whether the operation changed something for certain, and the revision that it made. */
export function madeRevision(operation: Operation): number | null {
  if (operation.op === 'get' || operation.outcome !== 'ok') {
    return null;
  }
  if (operation.op === 'delete' && operation.output?.deleted !== true) {
    return null;
  }
  return operation.output?.revision ?? null;
}

function writesOf(source: Observation): KeyWrite[] {
  const { operation } = source;
  const revision = madeRevision(operation);
  const { outcome } = operation;
  switch (operation.op) {
    case 'put':
      return [{ key: operation.key, value: String(operation.input.value), outcome, revision, source }];
    case 'putMany':
      return Object.entries(operation.input.values).map(([key, value]) => {
        return { key, value: String(value), outcome, revision, source };
      });
    case 'delete':
      return [{ key: operation.key, value: null, outcome, revision, source }];
    default:
      return [];
  }
}

function nameOf(key: string, value: string | null): string {
  return `${key} ${value ?? ''}`;
}
