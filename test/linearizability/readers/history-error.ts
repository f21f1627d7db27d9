/** A history that cannot be read, or whose meaning is in doubt. */
export class HistoryError extends Error {
  /**
   * @param place - File and line, counted from 1.
   * @param problem - What is wrong with it.
   */
  constructor(
    readonly place: { readonly file: string; readonly line?: number },
    problem: string,
  ) {
    super(`${place.file}${place.line === undefined ? '' : `:${place.line}`}: ${problem}`);
    this.name = 'HistoryError';
  }
}

/** One line of a history that says something. */
export interface SourceLine {
  /** Counted from 1. */
  readonly number: number;
  /** Without blanks at both ends. */
  readonly text: string;
}

/** The lines of a file that are not empty, whatever ends them; a byte order mark is dropped. */
export function linesOf(text: string): readonly SourceLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '');
}
