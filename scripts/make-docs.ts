import { writeFileSync } from 'node:fs';
import { chartPage } from './chart-page.js';
import { configurationPage } from './configuration-page.js';
import { metricsPage } from './metrics-page.js';

for (const [name, text] of [
  ['docs/configuration.md', configurationPage()],
  ['docs/metrics.md', await metricsPage()],
  ['helm/README.md', await chartPage()],
] as const) {
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
}
