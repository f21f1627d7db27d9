import { readFile } from 'node:fs/promises';
import { assert } from '../../src/lib/assert.js';
import type { NodeProcess } from './node-process.js';

/** What a node warns of where the machine is slow: it waits for others for more than ten seconds. */
const ofSlowMachine = /^waiting to |^peer .* is down: it reads back its data/;

/** What the nodes say above info, but for what a slow machine brings about. Their logs are JSON. */
export async function warnings(nodes: readonly NodeProcess[]): Promise<string[]> {
  const logs = await Promise.all(nodes.map(({ logFile }) => readFile(logFile, 'utf8')));
  const lines = logs.flatMap((log) => log.split('\n').filter((line) => line.startsWith('{')));
  assert(lines.length > 0, 'the nodes have said something');
  return lines
    .map((line) => JSON.parse(line) as { readonly level: string; readonly message: string })
    .filter(({ level, message }) => !['debug', 'info'].includes(level) && !ofSlowMachine.test(message))
    .map(({ level, message }) => `${level}: ${message}`);
}
