import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';

const values = new URL('../helm/values.yaml', import.meta.url);
const page = new URL('../helm/README.md', import.meta.url);

/** The line below which the table stands, to the end of the page. */
const mark = '<!-- Made from values.yaml by `npm run docs:make`; change it there. -->';

interface Row {
  readonly path: string;
  readonly preset: string;
  readonly help: string;
}

/** The text of helm/README.md: what is written there by hand, and the table of all values. */
export async function chartPage(): Promise<string> {
  const [byHand] = readFileSync(page, 'utf8').split(mark);
  const rows = chartValues().map(({ path, preset, help }) => `| \`${path}\` | \`${preset}\` | ${help} |`);
  const table = ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  const text = `${byHand ?? ''}${mark}\n\n${table}\n`;
  return format(text, { ...(await resolveConfig(page)), parser: 'markdown' });
}

/** Every value of the chart with its default and the comment above it. @throws where one has no comment. */
export function chartValues(): Row[] {
  const { contents } = parseDocument(readFileSync(values, 'utf8'));
  if (!isMap(contents)) {
    throw new Error('values.yaml is no map');
  }
  return rowsOf(contents, '');
}

/** A map whose entries are explained one by one is a group; any other value is a row. */
function rowsOf(map: YAMLMap, prefix: string): Row[] {
  return map.items.flatMap((pair, place) => {
    const path = `${prefix}${keyOf(pair)}`;
    const { value } = pair;
    // The comment above the first entry of a map belongs to the map.
    const help = commentOf(pair) ?? (place === 0 ? map.commentBefore : null) ?? null;
    if (isMap(value) && help === null) {
      return rowsOf(value, `${path}.`);
    }
    if (help === null) {
      throw new Error(`values.yaml does not explain ${path}`);
    }
    return [{ path, preset: presetOf(value), help: help.trim().replace(/\s*\n\s*/g, ' ') }];
  });
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function commentOf({ key }: Pair): string | null {
  return (isScalar(key) ? key.commentBefore : null) ?? null;
}

function presetOf(value: unknown): string {
  return JSON.stringify(isNode(value) ? value.toJSON() : value);
}
