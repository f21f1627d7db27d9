import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import type * as node from './run-node.js';

/**
 * Loads the modules of a node at once where Node can: `import()` has each of the two thousand files opened, read and
 * closed by another thread, and what that takes is most of a start.
 *
 * Signals that come meanwhile are handled before this resolves.
 */
export async function loadNode(): Promise<typeof node> {
  if (!process.features.require_module) {
    return import('./run-node.js');
  }
  const require = createRequire(import.meta.url);
  const modules = require('./run-node.js') as typeof node;
  await setImmediate();
  return modules;
}
