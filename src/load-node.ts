import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import type * as node from './run-node.js';

/**
 * Loads the modules of a node, two thousand files, by `require`: with `import()` another thread opens, reads and closes
 * each of them, which takes longer than what is in it. Nothing among them may await at its top level.
 *
 * Signals that come meanwhile are handled before this resolves.
 */
export async function loadNode(): Promise<typeof node> {
  const require = createRequire(import.meta.url);
  const modules = require('./run-node.js') as typeof node;
  // The turn of the loop that is under way may have looked for signals already; the next one looks for sure.
  await setImmediate();
  await setImmediate();
  return modules;
}
