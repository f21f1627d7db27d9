import { setImmediate } from 'node:timers/promises';
import type * as node from './run-node.js';

/** Loads the modules of a node. Signals that come meanwhile are handled before this resolves. */
export async function loadNode(): Promise<typeof node> {
  const modules = await import('./run-node.js');
  // The turn of the loop that is under way may have looked for signals already; the next one looks for sure.
  await setImmediate();
  await setImmediate();
  return modules;
}
