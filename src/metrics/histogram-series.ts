/** The observations of one combination of labels. */
export class HistogramSeries {
  /** Observations of each bucket alone; the last one is of those above all bounds. */
  readonly counts: number[];
  private total = 0;

  /** @param bounds - Upper ones, ascending. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** Of all values. */
  get sum(): number {
    return this.total;
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let place = 0;
    for (let bound = bounds[place]; bound !== undefined && value > bound; bound = bounds[place]) {
      place += 1;
    }
    counts[place] = (counts[place] ?? 0) + 1;
    this.total += value;
  }
}
