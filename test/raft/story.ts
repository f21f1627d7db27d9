import { readFileSync, writeFileSync } from 'node:fs';

/** One step of a story: commands, and what they print. */
export interface StoryBlock {
  /** Comments and commands as they stand in the file. */
  readonly input: string;
  readonly commands: readonly string[];
  readonly expected: string;
}

const separator = '----';

/** Reads a story: blocks with an empty line between them, each `commands`, `----`, output. `#` begins a comment. */
export function readStory(path: string): StoryBlock[] {
  const blocks = readFileSync(path, 'utf8')
    .trim()
    .split(/\n{2,}/);
  return blocks.map((block) => {
    const [input = '', expected = ''] = `${block}\n`.split(`\n${separator}\n`);
    const lines = input.split('\n').map((line) => line.trim());
    const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
    return { input: input.trimEnd(), commands, expected: expected.trimEnd() };
  });
}

/** Writes the story anew with what its commands print now. A block without commands stays as it is. */
export function writeStory(path: string, blocks: readonly StoryBlock[], outputs: readonly string[]): void {
  const texts = blocks.map((block, position) =>
    block.commands.length === 0 ? block.input : `${block.input}\n${separator}\n${outputs[position] ?? ''}`.trimEnd(),
  );
  writeFileSync(path, `${texts.join('\n\n')}\n`);
}
