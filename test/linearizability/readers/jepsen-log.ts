import type { History } from '../history.js';
import { Keyword } from './edn.js';
import { eventType, pairEvents, parseLine } from './events.js';
import type { HistoryEvent } from './events.js';
import { HistoryError } from './history-error.js';
import type { SourceLine } from './history-error.js';

/** A line of a log: level, anything, and the logger with its message. */
const LOGGED = /^(?:TRACE|DEBUG|INFO|WARN|ERROR)\b.*?\s(\S+)\s+-\s+(.*)$/;

/** The logger that prints operations. */
const OPERATION_LOGGER = 'jepsen.util';

/** True for a line that `readJepsenLog` may be given first. */
export function looksLikeJepsenLog(text: string): boolean {
  return LOGGED.test(text) || /^\S+\s+:(?:invoke|ok|fail|info)\b/.test(text);
}

/**
 * Reads the log of a Jepsen test of one register: `INFO  jepsen.util - PROCESS :TYPE :F VALUE`, or the same without what
 * stands before the process. The register does not exist at first. Other loggers and the nemesis have no part in it.
 *
 * @throws HistoryError for a line that is no operation.
 */
export function readJepsenLog(lines: readonly SourceLine[], file: string): History {
  const events = lines.map((line) => eventOf(line, file)).filter((event) => event !== null);
  return { form: 'jepsen log', operations: pairEvents(events, file), initial: null };
}

function eventOf({ number, text }: SourceLine, file: string): HistoryEvent | null {
  const logged = LOGGED.exec(text);
  if (logged !== null && logged[1] !== OPERATION_LOGGER) {
    return null;
  }
  const place = { file, line: number };
  const [process, type, f, value = null] = parseLine(logged?.[2] ?? text, place);
  if (process instanceof Keyword) {
    return null;
  }
  if (typeof process !== 'number' || !(type instanceof Keyword) || !(f instanceof Keyword)) {
    throw new HistoryError(place, 'an operation is PROCESS :TYPE :F VALUE');
  }
  return { process, type: eventType(type, place), f: f.name, key: 'register', value, line: number };
}
