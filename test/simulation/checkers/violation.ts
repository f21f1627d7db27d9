/** An invariant of docs/testing.md does not hold. */
export class Violation extends Error {
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
    this.name = 'Violation';
  }
}

/**
 * States that an invariant holds.
 *
 * @param words - Says what is wrong; asked only then.
 * @throws Violation when it does not hold.
 */
export function holds(condition: boolean, invariant: string, words: () => string): asserts condition {
  if (!condition) {
    throw new Violation(invariant, words());
  }
}
