/** Time that only goes forward; it has nothing to do with the calendar and stands still for nobody. */
export abstract class Clock {
  /** Milliseconds since some fixed moment, fractions included. */
  abstract nowMs(): number;
}
