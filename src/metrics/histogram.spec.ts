import { expect, it } from '@jest/globals';
import { Histogram as PromHistogram, Registry } from 'prom-client';
import { Histogram } from './histogram.js';

const named = { name: 'test_seconds', help: 'A test.', buckets: [0.1, 1, 2.5] };
const values = [0.05, 0.1, 0.100001, 1, 2, 2.5, 7, 0];

/** The text of a histogram of the project, and that of prom-client for the same observations. */
async function texts(
  labelNames: string[],
  observations: readonly (readonly [number, ...string[]])[],
): Promise<string[]> {
  const [own, theirs] = [new Registry(), new Registry()];
  const histogram = new Histogram({ ...named, labelNames, registers: [own] });
  const prom = new PromHistogram({ ...named, labelNames, registers: [theirs] });
  for (const [value, ...labels] of observations) {
    histogram.series(...labels).observe(value);
    prom.labels(...labels).observe(value);
  }
  return [await own.metrics(), await theirs.metrics()];
}

it('a histogram without labels reads as that of prom-client, also before anything was observed', async () => {
  const [empty, promEmpty] = await texts([], []);
  expect(empty).toBe(promEmpty);
  const [text, prom] = await texts(
    [],
    values.map((value) => [value] as const),
  );
  expect(text).toBe(prom);
  expect(text).toContain('test_seconds_bucket{le="1"} 5');
});

it('a histogram with labels reads as that of prom-client, and has no series before it is observed', async () => {
  const [empty, promEmpty] = await texts(['method', 'status'], []);
  expect(empty).toBe(promEmpty);
  const observations = values.flatMap((value) =>
    [
      ['GET', '200'],
      ['GET', '404'],
      ['PUT', '200'],
      ['a "quoted" one', '200'],
    ].map(([method = '', status = '']) => [value, method, status] as const),
  );
  const [text, prom] = await texts(['method', 'status'], observations);
  expect(text).toBe(prom);
  expect(text).toContain('test_seconds_count{method="GET",status="404"} 8');
});

it('observes without a look-up where there are no labels', async () => {
  const registry = new Registry();
  const histogram = new Histogram({ ...named, labelNames: [], registers: [registry] });
  values.forEach((value) => {
    histogram.observe(value);
  });
  expect(await registry.metrics()).toContain('test_seconds_count 8');
});

it('refuses labels that are too many or too few', () => {
  const histogram = new Histogram({ ...named, labelNames: ['method', 'status'], registers: [new Registry()] });
  expect(() => histogram.series('GET')).toThrow('one label for each of its names');
  histogram.series('GET', '200');
  expect(() => histogram.series('GET', '200', 'x')).toThrow('one label for each of its names');
});
