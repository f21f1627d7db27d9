import type { Value } from '../history.js';
import type { Action, Condition, KeyOperation } from '../key-operation.js';
import { Cluster, finding } from './cluster.js';
import type { Finding } from './cluster.js';

/** An operation with one kind of action. */
type Of<Kind extends Action['kind']> = KeyOperation & { readonly action: Extract<Action, { kind: Kind }> };

/**
 * The operations of one key in clusters: one for each value that was written, one for each removal, and one for the
 * beginning, when nothing is there.
 */
export class Gathering {
  readonly values = new Map<Value, Cluster>();
  /** The beginning, and each removal. */
  readonly removals: Cluster[] = [new Cluster(null, null)];
  /** Operations that saw that nothing is there: they do not say which removal they saw. */
  readonly absences: KeyOperation[] = [];
  /** Observations that are judged in part or not at all. */
  unjudged = 0;
  private readonly revisions = new Map<number, Cluster>();

  get clusters(): readonly Cluster[] {
    return [...this.values.values(), ...this.removals];
  }

  /** @returns What is wrong already when values are compared, or null. */
  fill(operations: readonly KeyOperation[]): Finding | null {
    const writes = operations.filter((operation) => isOf(operation, 'write'));
    const reads = operations.filter((operation) => isOf(operation, 'read'));
    const refusals = operations.filter((operation) => isOf(operation, 'refusal'));
    return (
      firstFinding(writes, (write) => this.addWrite(write)) ??
      firstFinding(reads, (read) => this.addRead(read)) ??
      firstFinding(refusals, (refusal) => this.addRefusal(refusal)) ??
      firstFinding(this.clusters, (cluster) => this.tieToPredecessor(cluster))
    );
  }

  private addWrite(write: Of<'write'>): Finding | null {
    const cluster = new Cluster(write.action.value, write);
    if (cluster.value === null) {
      this.removals.push(cluster);
    } else {
      this.values.set(cluster.value, cluster);
    }
    return this.noteRevision(cluster, write.action.revision, write);
  }

  private addRead(read: Of<'read'>): Finding | null {
    const { value, revision } = read.action;
    if (value === null) {
      this.absences.push(read);
      return null;
    }
    const cluster = this.values.get(value);
    return cluster === undefined
      ? finding('an operation saw a value that nobody wrote', read)
      : this.addReader(cluster, revision, read);
  }

  private addReader(cluster: Cluster, revision: number | null, reader: KeyOperation): Finding | null {
    const { write } = cluster;
    if (write !== null && reader.end < write.start) {
      return finding('an operation saw a value before its write began', reader, write);
    }
    cluster.addReader(reader);
    return this.noteRevision(cluster, revision, reader);
  }

  private addRefusal(refusal: Of<'refusal'>): Finding | null {
    const { condition, revision } = refusal.action;
    if (revision === null || (revision === undefined && condition.kind === 'exists')) {
      this.absences.push(refusal);
      return null;
    }
    const cluster = revision === undefined ? undefined : this.revisions.get(revision);
    if (cluster === undefined) {
      this.unjudged += 1;
      return null;
    }
    return cluster.value === null || holdsOn(condition, cluster)
      ? finding('a write was refused although its condition held', refusal, cluster.write)
      : this.addReader(cluster, cluster.revision, refusal);
  }

  private noteRevision(cluster: Cluster, revision: number | null, shownBy: KeyOperation): Finding | null {
    if (revision === null || revision === cluster.revision) {
      return null;
    }
    const other = this.revisions.get(revision);
    if (cluster.revision !== null || other !== undefined) {
      return finding('one write has one revision', shownBy, cluster.write, other?.write ?? null);
    }
    cluster.revision = revision;
    this.revisions.set(revision, cluster);
    return null;
  }

  /** What a condition says about the state before the write, once all revisions are known. */
  private tieToPredecessor(cluster: Cluster): Finding | null {
    const { write } = cluster;
    const condition = write?.action.kind === 'write' ? write.action.condition : null;
    switch (condition?.kind) {
      case undefined:
        return null;
      case 'exists':
        this.unjudged += 1;
        return null;
      case 'missing':
        this.unjudged += 1;
        this.absences.push(...(cluster.happened && write !== null ? [write] : []));
        return null;
      case 'value':
        return this.tieToValue(cluster, condition.value);
      case 'revision':
        return this.tieToRevision(cluster, condition.revision);
    }
  }

  private tieToValue(cluster: Cluster, value: Value): Finding | null {
    cluster.predecessor = this.values.get(value) ?? null;
    return cluster.predecessor === null && cluster.happened
      ? finding('a condition held on a value that nobody wrote', cluster.write)
      : null;
  }

  private tieToRevision(cluster: Cluster, revision: number): Finding | null {
    cluster.predecessor = this.revisions.get(revision) ?? null;
    // A revision that no answer names can be that of a write with unknown outcome.
    this.unjudged += cluster.predecessor === null ? 1 : 0;
    return cluster.predecessor?.value === null && cluster.happened
      ? finding('a condition held on the revision of a removal', cluster.write, cluster.predecessor.write)
      : null;
  }
}

function holdsOn(condition: Condition, { value, revision }: Cluster): boolean {
  switch (condition.kind) {
    case 'revision':
      return condition.revision === revision;
    case 'value':
      return condition.value === value;
    case 'exists':
      return true;
    case 'missing':
      return false;
  }
}

/** True when the zones can judge these operations: no appends, and each value written once. */
export function isRegisterOfUniqueValues(operations: readonly KeyOperation[]): boolean {
  const values = new Set<Value>();
  return operations.every(({ action }) => {
    if (action.kind !== 'write' || action.value === null) {
      return action.kind !== 'append';
    }
    const isNew = !values.has(action.value);
    values.add(action.value);
    return isNew;
  });
}

/** The first finding that `judge` makes. */
export function firstFinding<T>(items: Iterable<T>, judge: (item: T) => Finding | null): Finding | null {
  for (const item of items) {
    const found = judge(item);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function isOf<Kind extends Action['kind']>(operation: KeyOperation, kind: Kind): operation is Of<Kind> {
  return operation.action.kind === kind;
}
