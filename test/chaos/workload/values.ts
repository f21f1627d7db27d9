/**
 * Values of the workload are texts with a name that no other write has; some carry padding, so that messages and
 * snapshots have some size. Only the name goes into the history.
 */
export function paddedValue(name: string, paddingBytes: number): string {
  return paddingBytes === 0 ? name : `${name}:${paddingBytes}:${'x'.repeat(paddingBytes)}`;
}

/** The name in a value that was read; a value that is not as it was written comes back whole, and matches no write. */
export function nameOfValue(text: string): string {
  const [name = '', bytes, padding] = text.split(':');
  if (bytes === undefined || padding === undefined) {
    return text;
  }
  return paddedValue(name, Number(bytes)) === text ? name : text;
}
