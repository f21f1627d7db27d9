/** What would break a line of a log or steer a terminal: control characters and the line breaks of Unicode. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const LINE_BREAKERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** `text`, which others chose, as it may stand in one line: at most `lengthMax` UTF-16 units, controls made spaces. */
export function oneLine(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(LINE_BREAKERS, ' ');
}
