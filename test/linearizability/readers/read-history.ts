import type { History } from '../history.js';
import { looksLikeEventMap, readEventMaps } from './event-maps.js';
import { HistoryError, linesOf } from './history-error.js';
import type { SourceLine } from './history-error.js';
import { looksLikeJepsenLog, readJepsenLog } from './jepsen-log.js';
import { looksLikeJsonLine, readJsonLines } from './json-lines.js';

export { HistoryError } from './history-error.js';

interface Reader {
  readonly looksLike: (text: string) => boolean;
  readonly read: (lines: readonly SourceLine[], file: string) => History;
}

const readers: readonly Reader[] = [
  { looksLike: looksLikeJsonLine, read: readJsonLines },
  { looksLike: looksLikeEventMap, read: readEventMaps },
  { looksLike: looksLikeJepsenLog, read: readJepsenLog },
];

/**
 * Reads a history in any of the known forms; the first line tells which one it is.
 *
 * @param text - The content of the file.
 * @param file - Its name, for errors.
 * @throws HistoryError that names file and line.
 */
export function readHistory(text: string, file: string): History {
  const lines = linesOf(text);
  const first = lines.find((line) => !line.text.startsWith(';'));
  if (first === undefined) {
    throw new HistoryError({ file }, 'there is no operation in it');
  }
  const reader = readers.find(({ looksLike }) => looksLike(first.text));
  if (reader === undefined) {
    throw new HistoryError(
      { file, line: first.number },
      'no known form: one operation of JSON, one map {:process ...} or one line of a Jepsen log was expected',
    );
  }
  return reader.read(lines, file);
}
