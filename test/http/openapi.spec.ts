import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { format } from 'prettier';
import { startHttp } from '../support/http-harness.js';
import type { HttpHarness } from '../support/http-harness.js';
import { kept } from '../support/kept.js';

const golden = new URL('./openapi.json', import.meta.url);
const methods = ['get', 'head', 'put', 'post', 'delete', 'patch', 'options'];

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly headers?: object; readonly content?: Readonly<Record<string, object>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let http: HttpHarness;
let document: Document;

beforeAll(async () => {
  http = await startHttp();
  document = (await http.app.inject('/docs/openapi.json')).json<Document>();
});

afterAll(() => http.close());

function operations(): { route: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })),
  );
}

test('the document is the golden one; REWRITE=1 writes it anew', async () => {
  if (process.env.REWRITE === '1') {
    writeFileSync(golden, await format(JSON.stringify(document), { parser: 'json', printWidth: 120 }));
  }
  expect(document).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
});

test('every route is in the document, and nothing else', () => {
  const routes = operations().map(({ route }) => route);
  expect(routes.sort()).toEqual([
    'DELETE /cluster/members/{id}',
    'DELETE /key',
    'DELETE /key/{path}',
    'GET /backup',
    'GET /cluster',
    'GET /cluster/founding',
    'GET /cluster/recovery',
    'GET /key',
    'GET /key/{path}',
    'GET /livez',
    'GET /metrics',
    'GET /readyz',
    'GET /status',
    'HEAD /key/{path}',
    'POST /cluster/leader',
    'POST /join',
    'POST /key',
    'POST /restore',
    'PUT /key/{path}',
  ]);
});

describe('every operation', () => {
  test('has a summary and an id of its own', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations().filter(({ operation }) => (operation.summary ?? '') === '')).toEqual([]);
  });

  test('declares the parameters of its path, each name once', () => {
    for (const { path, operation } of operations()) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{[^}]+\}/g) ?? []);
      expect(inPath.every(({ required }) => required === true)).toBe(true);
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('has a schema for each parameter and body', () => {
    for (const { operation } of operations()) {
      const described: readonly object[] = [
        ...operation.parameters,
        ...Object.values(operation.requestBody?.content ?? {}),
      ];
      expect(described.filter((part) => !('schema' in part))).toEqual([]);
    }
  });

  test('answers errors as problems, with the request id', () => {
    for (const { operation } of operations()) {
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.headers).toHaveProperty('X-Request-Id');
        const isError = Number(status) >= 400;
        expect(Object.keys(response.content ?? {}).includes('application/problem+json')).toBe(isError);
      }
    }
  });

  test('documents the parameters that it takes', async () => {
    const reading = operations().filter(({ route }) => !route.startsWith('HEAD') && route !== 'GET /livez');
    for (const { route, path, operation } of reading) {
      const documented = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
      const url = `${path.replace('{path}', 'some')}?no-such-parameter=1`;
      const refused = await http.app.inject({ method: route.split(' ')[0] as 'GET', url });
      const taken = /takes (.*) behind/.exec(refused.json<{ detail: string }>().detail)?.[1]?.split(', ');
      expect(taken?.sort()).toEqual(documented.length === 0 ? ['no parameters'] : documented.sort());
    }
  });
});

test('every reference leads to a component', () => {
  const references = JSON.stringify(document).match(/"#\/components\/schemas\/[^"]+"/g) ?? [];
  const names = new Set(references.map((reference) => reference.slice('"#/components/schemas/'.length, -1)));
  expect([...names].filter((name) => !(name in document.components.schemas))).toEqual([]);
  expect(document.openapi).toBe('3.1.0');
});

test.each([
  ['/docs', 'text/html'],
  ['/docs/swagger-ui.css', 'text/css'],
  ['/docs/swagger-ui-bundle.js', 'javascript'],
  ['/docs/swagger-ui-init.js', 'javascript'],
])('the explorer serves %s', async (url, type) => {
  const answer = await http.app.inject(url);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, expect.stringContaining(type)]);
});

test('what the explorer sends for the path parameter arrives as the key', async () => {
  // It replaces the parameter by its percent-encoded value.
  const url = `/key/${encodeURIComponent('app/db url')}`;
  await http.app.inject({ method: 'PUT', url, payload: '"v"', headers: { 'content-type': 'application/json' } });
  expect(kept(http.store.get('app/db url'))?.value).toBe('"v"');
});
