import type { Observation } from '../workload/observation.js';

/** One line about an operation, for people who look for it in the history. */
export function describe({ operation, incarnation, storeRevision, idempotencyKey, answers }: Observation): string {
  const times = `${Math.round(operation.start)} to ${operation.end === null ? 'open' : Math.round(operation.end)} ms`;
  const store = storeRevision === null ? '' : `, store revision ${storeRevision}`;
  const repeated = idempotencyKey === null ? '' : `, ${idempotencyKey}`;
  const place = `${operation.node ?? ''} (start ${incarnation})`;
  return `${operation.process} ${wording(operation)} at ${place}, ${times}${store}${repeated}, answers ${answers.join(' | ')}`;
}

function wording(operation: Observation['operation']): string {
  switch (operation.op) {
    case 'get':
      return `get ${operation.key} ${operation.level ?? ''} -> ${JSON.stringify(operation.output ?? null)}`;
    case 'putMany':
      return `${operation.outcome} put ${JSON.stringify(operation.input.values)} -> ${JSON.stringify(operation.output ?? null)}`;
    default:
      return `${operation.outcome} ${operation.op} ${operation.key} ${JSON.stringify(operation.input ?? null)} -> ${JSON.stringify(operation.output ?? null)}`;
  }
}
