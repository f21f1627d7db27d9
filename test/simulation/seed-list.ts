import { readFileSync } from 'node:fs';

/** A seed that found a bug once. */
export interface KeptSeed {
  readonly seed: number;
  readonly events: number;
  readonly story: string;
}

/** Reads `seeds.txt`: seed, events and the story of the bug on each line, `#` begins a comment. */
export function readKeptSeeds(): KeptSeed[] {
  const lines = readFileSync(new URL('./seeds.txt', import.meta.url), 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#')).map(parseLine);
}

function parseLine(line: string): KeptSeed {
  const match = /^(\d+)\s+(\d+)\s+(.+)$/.exec(line);
  if (match === null) {
    throw new Error(`seeds.txt: "${line}" is not "seed events story"`);
  }
  const [, seed = '', events = '', story = ''] = match;
  return { seed: Number(seed), events: Number(events), story };
}
