import { tryPut } from './http-client.js';
import type { NodeProcess } from './node-process.js';

/** Writes numbered keys through a node until told to stop; gives the acknowledged ones, each its own value. */
export async function writeUntil(node: NodeProcess, prefix: string, isOver: () => boolean): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let number = 0; !isOver(); number += 1) {
    const key = `${prefix}-${number}`;
    if ((await tryPut(node, key, key)) === 'acknowledged') {
      acknowledged.push(key);
    }
  }
  return acknowledged;
}
