import type { Histogram } from 'prom-client';

/** The series of a histogram by their labels, each looked up once: that costs more than observing does. */
export class Series {
  private readonly known = new Map<string, Histogram.Internal<string>>();

  constructor(private readonly histogram: Histogram) {}

  /** @param labels - In the order of the histogram's names, none of them with a line break. */
  observe(seconds: number, ...labels: readonly string[]): void {
    const name = labels.join('\n');
    let series = this.known.get(name);
    if (series === undefined) {
      series = this.histogram.labels(...labels);
      this.known.set(name, series);
    }
    series.observe(seconds);
  }
}
