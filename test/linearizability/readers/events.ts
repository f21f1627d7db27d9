import type { Operation, Outcome, Value } from '../history.js';
import { parseEdn } from './edn.js';
import type { Edn, Keyword } from './edn.js';
import { HistoryError } from './history-error.js';

/** One event of a history that records when operations begin and end. */
export interface HistoryEvent {
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** What is done: `read`, `get`, `write`, `put`, `append`, `delete` or `cas`. */
  readonly f: string;
  readonly key: string;
  readonly value: Edn;
  readonly line: number;
}

type Place = ConstructorParameters<typeof HistoryError>[0];

/**
 * Pairs beginnings and ends by process. The number of the line serves as the time.
 *
 * `info`, and an operation without end, are unknown outcomes. `fail` did not happen; but a `cas` that fails and names its
 * two values was refused because it found another value.
 *
 * @throws HistoryError for an end without beginning, or one that does not fit it.
 */
export function pairEvents(events: Iterable<HistoryEvent>, file: string): readonly Operation[] {
  const open = new Map<number, HistoryEvent>();
  const operations: Operation[] = [];
  for (const event of events) {
    const begun = open.get(event.process);
    const place = { file, line: event.line };
    if (event.type === 'invoke') {
      if (begun !== undefined) {
        throw new HistoryError(
          place,
          `process ${event.process} is still busy with what it began on line ${begun.line}`,
        );
      }
      open.set(event.process, event);
      continue;
    }
    if (begun === undefined) {
      throw new HistoryError(place, `process ${event.process} ends what it did not begin`);
    }
    if (begun.f !== event.f || begun.key !== event.key) {
      throw new HistoryError(place, `this is not the end of what process ${event.process} began on line ${begun.line}`);
    }
    open.delete(event.process);
    operations.push(operationOf(begun, event, file));
  }
  for (const begun of open.values()) {
    operations.push(operationOf(begun, null, file));
  }
  return operations.sort((a, b) => a.start - b.start);
}

/** The names of operations in the histories of others, and ours. */
const operationNames: ReadonlyMap<string, Exclude<Operation['op'], 'putMany'>> = new Map([
  ['read', 'get'],
  ['get', 'get'],
  ['write', 'put'],
  ['put', 'put'],
  ['delete', 'delete'],
  ['append', 'append'],
  ['cas', 'cas'],
]);

function operationOf(begun: HistoryEvent, ended: HistoryEvent | null, file: string): Operation {
  const place = { file, line: (ended ?? begun).line };
  const outcome = outcomeOf(begun, ended);
  const base = { process: begun.process, key: begun.key, outcome, start: begun.line, end: ended?.line ?? null };
  checkSameValue(begun, ended, place);
  const op = operationNames.get(begun.f);
  switch (op) {
    case 'get':
      return { ...base, op, ...(outcome === 'ok' ? { output: { value: scalar(ended?.value, place) } } : {}) };
    case 'put':
      return { ...base, op, input: { value: present(begun.value, place) } };
    case 'delete':
      return { ...base, op };
    case 'append':
      return { ...base, op, input: { value: appended(begun.value, place) } };
    case 'cas':
      return { ...base, op, input: casValues(begun.value, place) };
    case undefined:
      throw new HistoryError({ file, line: begun.line }, `unknown operation :${begun.f}`);
  }
}

function outcomeOf(begun: HistoryEvent, ended: HistoryEvent | null): Outcome {
  switch (ended?.type) {
    case 'ok':
      return 'ok';
    case 'fail':
      return begun.f === 'cas' && Array.isArray(ended.value) ? 'refused' : 'fail';
    default:
      return 'unknown';
  }
}

/** The answer to a write repeats its value; one that timed out says so in place of it. */
function checkSameValue(begun: HistoryEvent, ended: HistoryEvent | null, place: Place): void {
  const op = operationNames.get(begun.f);
  const isAnswer = ended?.type === 'ok' || (ended?.type === 'fail' && Array.isArray(ended.value));
  if (ended === null || !isAnswer || op === 'get' || op === 'delete') {
    return;
  }
  if (JSON.stringify(begun.value) !== JSON.stringify(ended.value)) {
    throw new HistoryError(place, `process ${begun.process} began with another value on line ${begun.line}`);
  }
}

function appended(value: Edn, place: Place): string {
  if (typeof value !== 'string') {
    throw new HistoryError(place, 'append needs a text');
  }
  return value;
}

function casValues(pair: Edn, place: Place): { expected: Value | null; value: Value } {
  const values: readonly Edn[] = Array.isArray(pair) ? (pair as readonly Edn[]) : [];
  const [expected, value] = values;
  if (values.length !== 2 || expected === undefined || value === undefined) {
    throw new HistoryError(place, 'cas needs two values: [expected new]');
  }
  return { expected: scalar(expected, place), value: present(value, place) };
}

function present(value: Edn, place: Place): Value {
  const scalarValue = scalar(value, place);
  if (scalarValue === null) {
    throw new HistoryError(place, 'nil cannot be written');
  }
  return scalarValue;
}

function scalar(value: Edn | undefined, place: Place): Value | null {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new HistoryError(place, 'the value must be nil, a number, a truth value or a text');
}

/**
 * The values of EDN of a line.
 *
 * @throws HistoryError where it is no EDN.
 */
export function parseLine(text: string, place: { file: string; line: number }): readonly Edn[] {
  try {
    return parseEdn(text);
  } catch (error) {
    throw new HistoryError(place, error instanceof Error ? error.message : String(error));
  }
}

/** The type of an event by its keyword. */
export function eventType({ name }: Keyword, place: { file: string; line: number }): HistoryEvent['type'] {
  switch (name) {
    case 'invoke':
    case 'ok':
    case 'fail':
    case 'info':
      return name;
    default:
      throw new HistoryError(place, `:${name} is no type of event`);
  }
}
