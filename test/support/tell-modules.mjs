/** Loaded by `node --import`: writes the CommonJS modules of the main thread to MODULES_FILE when the process ends. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { MODULES_FILE } = process.env;
if (isMainThread && MODULES_FILE !== undefined) {
  process.once('exit', () => {
    writeFileSync(MODULES_FILE, Object.keys(createRequire(import.meta.url).cache).join('\n'));
  });
}
