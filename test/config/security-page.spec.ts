import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { settingTable } from '../../src/config/settings.js';

const page = readFileSync('docs/security.md', 'utf8');

/** A setting or a route that was renamed would leave the page wrong where it matters most. */
it('docs/security.md names settings and routes that there are', () => {
  const { paths } = JSON.parse(readFileSync('test/http/openapi.json', 'utf8')) as { readonly paths: object };
  const known = new Set([...settingTable.flatMap(({ flag, env }) => [flag, env])]);
  const settings = [...page.matchAll(/`(--[a-z-]+|RAFTDB_[A-Z_]+)`/g)].map(([, name = '']) => name);
  expect(settings.length).toBeGreaterThan(15);
  expect(settings.filter((name) => !known.has(name))).toEqual([]);
  const routes = [...page.matchAll(/`(?:GET )?(\/(?!docs)[a-z/]+)`/g)].map(([, path = '']) => path);
  expect(routes.length).toBeGreaterThan(3);
  expect(routes.filter((path) => !(path in paths))).toEqual([]);
});
