import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { InteractionEnv } from './interaction-env.js';
import { readStory, writeStory } from './story.js';

const folder = join(import.meta.dirname, 'testdata');
const stories = readdirSync(folder).filter((name) => name.endsWith('.txt'));

/** Stories of several nodes. `REWRITE=1` prints them anew: read the diff, it must be what Raft demands. */
describe('stories', () => {
  it.each(stories)('%s', (name) => {
    const path = join(folder, name);
    const blocks = readStory(path);
    const env = new InteractionEnv();
    const outputs = blocks.map((block) =>
      block.commands
        .map((command) => env.run(command))
        .filter((output) => output !== '')
        .join('\n'),
    );
    if (process.env.REWRITE === '1') {
      writeStory(path, blocks, outputs);
      return;
    }
    blocks.forEach((block, position) => {
      expect(`${block.input}\n----\n${outputs[position] ?? ''}`).toBe(`${block.input}\n----\n${block.expected}`);
    });
  });
});
