import type { History, Operation } from '../history.js';
import { Keyword } from './edn.js';
import type { Edn, EdnMap } from './edn.js';
import { eventType, pairEvents, parseLine } from './events.js';
import type { HistoryEvent } from './events.js';
import { HistoryError } from './history-error.js';
import type { SourceLine } from './history-error.js';

/** True for a line that `readEventMaps` may be given first. */
export function looksLikeEventMap(text: string): boolean {
  return /^\{\s*:/.test(text);
}

/**
 * Reads one map of EDN a line: `{:process 0, :type :invoke, :f :append, :key "7", :value "x"}`, further keys welcome.
 *
 * Where texts are appended (`get`, `put`, `append`) every key is an empty text at first; where values are compared (`read`,
 * `write`, `cas`) it does not exist, and `:key` may be missing.
 *
 * @throws HistoryError for a line that is no such map, or a history that mixes both.
 */
export function readEventMaps(lines: readonly SourceLine[], file: string): History {
  const events = lines
    .filter(({ text }) => !text.startsWith(';'))
    .map((line) => eventOf(line, file))
    .filter((event) => event !== null);
  const register = events.find(({ f }) => f === 'read' || f === 'write' || f === 'cas');
  const text = events.find(({ f }) => f === 'get' || f === 'put' || f === 'append');
  if (register !== undefined && text !== undefined) {
    const line = Math.max(register.line, text.line);
    throw new HistoryError(
      { file, line },
      `:${register.f} and :${text.f} begin with different states: which one is meant?`,
    );
  }
  const operations: readonly Operation[] = pairEvents(events, file);
  return { form: 'event maps', operations, initial: register === undefined ? '' : null };
}

function eventOf({ number, text }: SourceLine, file: string): HistoryEvent | null {
  const place = { file, line: number };
  const [map, ...rest] = parseLine(text, place);
  if (!(map instanceof Map) || rest.length > 0) {
    throw new HistoryError(place, 'a line is one map {:process, :type, :f, :key, :value}');
  }
  const fields = map as EdnMap;
  const process = fields.get('process');
  const type = fields.get('type');
  const f = fields.get('f');
  if (process instanceof Keyword) {
    return null;
  }
  if (typeof process !== 'number' || !(type instanceof Keyword) || !(f instanceof Keyword)) {
    throw new HistoryError(place, ':process must be a number, :type and :f keywords');
  }
  const key = keyOf(fields.get('key'), f.name, place);
  return { process, type: eventType(type, place), f: f.name, key, value: fields.get('value') ?? null, line: number };
}

function keyOf(key: Edn | undefined, f: string, place: { file: string; line: number }): string {
  if (typeof key === 'string' || typeof key === 'number') {
    return String(key);
  }
  if (key instanceof Keyword) {
    return `:${key.name}`;
  }
  if ((key === undefined || key === null) && (f === 'read' || f === 'write' || f === 'cas')) {
    return 'register';
  }
  throw new HistoryError(place, ':key must be a text or a number');
}
