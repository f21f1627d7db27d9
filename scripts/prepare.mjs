// Builds after an install, so that the program of `bin` runs. A production install has no compiler and brings dist/ with it.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let nest;
try {
  nest = require.resolve('@nestjs/cli/bin/nest.js');
} catch {
  nest = undefined;
}
if (nest !== undefined) {
  // Not by `npm run build`: under `npm link` that would look for the script in another folder.
  execFileSync(process.execPath, [nest, 'build'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: 'inherit' });
}
