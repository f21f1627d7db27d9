import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { chartPage, chartValues } from '../../scripts/chart-page.js';

it('helm/README.md lists what values.yaml says (npm run docs:make writes it)', async () => {
  expect(readFileSync('helm/README.md', 'utf8')).toBe(await chartPage());
});

it('every value is explained by whole sentences', () => {
  for (const { path, help } of chartValues()) {
    expect([path, /^[A-Z`].*[.:]$/.test(help)]).toEqual([path, true]);
  }
});

it('the chart and the program have one version', () => {
  const chart = readFileSync('helm/Chart.yaml', 'utf8');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(/^appVersion: (.*)$/m.exec(chart)?.[1]).toBe(version);
});
