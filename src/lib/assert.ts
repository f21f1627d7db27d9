/** A rule of the code itself does not hold: the state can no longer be trusted and the process must stop. */
export class InvariantViolation extends Error {
  constructor(message: string) {
    super(`broken invariant: ${message}`);
    this.name = 'InvariantViolation';
  }
}

/**
 * States what always holds at this point.
 *
 * @throws InvariantViolation when it does not; nobody but the outermost handler may catch that.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new InvariantViolation(message);
  }
}

/**
 * The element at `index`, which the caller knows to exist.
 *
 * @throws InvariantViolation when it does not.
 */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  assert(item !== undefined, `no element at ${index} of ${items.length}`);
  return item;
}
