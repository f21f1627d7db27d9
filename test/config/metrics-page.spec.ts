import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { metricsPage } from '../../scripts/metrics-page.js';

it('docs/metrics.md is what the instruments say (npm run docs:make writes it)', async () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(await metricsPage());
});
