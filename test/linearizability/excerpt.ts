import type { Action, Condition, KeyOperation } from './key-operation.js';
import type { Violation } from './report.js';

/** Operations that are shown before the violation. */
const PREFIX_SHOWN = 6;

/** Operations that are shown without a place. */
const BLOCKED_SHOWN = 10;

/** A violation for people: the end of the longest order, and the operations that do not fit behind it. */
export function describeViolation({ key, reason, prefix, blocked }: Violation): string {
  const shown = prefix.slice(-PREFIX_SHOWN);
  const lines = [`key ${JSON.stringify(key)}: ${reason}`];
  if (prefix.length > shown.length) {
    lines.push(`  ... ${prefix.length - shown.length} more before`);
  }
  lines.push(...shown.map((operation) => `  in order   ${describeOperation(operation)}`));
  lines.push(...blocked.slice(0, BLOCKED_SHOWN).map((operation) => `  no place   ${describeOperation(operation)}`));
  if (blocked.length > BLOCKED_SHOWN) {
    lines.push(`  ... ${blocked.length - BLOCKED_SHOWN} more without place`);
  }
  return lines.join('\n');
}

/** One line: when, who, what, and what was seen. */
export function describeOperation({ start, end, action, source }: KeyOperation): string {
  const until = end === Infinity ? 'unknown' : String(end);
  const node = source.node === undefined ? '' : ` at ${source.node}`;
  return `[${start}, ${until}] client ${source.process}${node}: ${describeAction(action)}`;
}

function describeAction(action: Action): string {
  switch (action.kind) {
    case 'read':
      return `reads ${shown(action.value)}${ofRevision(action.revision)}`;
    case 'write': {
      const what = action.value === null ? 'removes' : `writes ${shown(action.value)}`;
      return `${what}${asRevision(action.revision)}${describeCondition(action.condition)}`;
    }
    case 'append':
      return `appends ${shown(action.text)}${asRevision(action.revision)}`;
    case 'refusal':
      return `is refused a write${describeCondition(action.condition)}${refusedBy(action.revision)}`;
  }
}

function shown(value: string | number | boolean | null): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}

function ofRevision(revision: number | null): string {
  return revision === null ? '' : ` of revision ${revision}`;
}

function asRevision(revision: number | null): string {
  return revision === null ? '' : ` as revision ${revision}`;
}

/** What the refusal said about the key. */
function refusedBy(revision: number | null | undefined): string {
  if (revision === undefined) {
    return '';
  }
  return revision === null ? ', for nothing is there' : `, for revision ${revision} is there`;
}

function describeCondition(condition: Condition | null): string {
  switch (condition?.kind) {
    case undefined:
      return '';
    case 'revision':
      return ` if revision ${condition.revision} is there`;
    case 'value':
      return ` if ${shown(condition.value)} is there`;
    case 'exists':
      return ' if something is there';
    case 'missing':
      return ' if nothing is there';
  }
}
