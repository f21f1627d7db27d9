import { readFileSync } from 'node:fs';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/**
 * The blocks of commands in one section of a page of the documentation, in their order; each is a list of lines.
 *
 * @param heading - The text behind `## `.
 */
export function documentedCommands(name: string, heading: string): readonly (readonly string[])[] {
  const section = page(name)
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`));
  const parts = (section ?? '').split(/^```\n/m);
  const blocks = parts.filter((_text, place) => place % 2 === 1);
  return blocks.map((block) => block.trimEnd().split('\n'));
}
