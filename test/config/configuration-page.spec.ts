import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { configurationPage } from '../../scripts/configuration-page.js';

it('docs/configuration.md is what the table of settings says (npm run docs:make writes it)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationPage());
});
