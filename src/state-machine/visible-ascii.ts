const visibleAscii = /^[\x21-\x7e]+$/;

/** Whether `text` is 1 to `lengthMax` visible ASCII characters. */
export function isVisibleAscii(text: string, lengthMax: number): boolean {
  return text.length <= lengthMax && visibleAscii.test(text);
}
