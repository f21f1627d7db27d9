import type { Counter } from 'prom-client';

/** Makes a counter follow a number that only grows, and begins again from 0 with its owner. */
export class CounterFrom {
  private last = 0;

  constructor(
    private readonly counter: Counter,
    private readonly labels: Readonly<Record<string, string>> = {},
  ) {}

  follow(value: number): void {
    this.counter.inc(this.labels, value >= this.last ? value - this.last : value);
    this.last = value;
  }
}
