import { writeFileSync } from 'node:fs';
import { configurationPage } from './configuration-page.js';
import { metricsPage } from './metrics-page.js';

for (const [name, text] of [
  ['configuration.md', configurationPage()],
  ['metrics.md', await metricsPage()],
] as const) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
}
