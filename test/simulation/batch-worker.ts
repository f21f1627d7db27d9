import { runSeeds } from './batch.js';
import type { SeedRange } from './batch.js';

// One job of `simulate --jobs`: the range comes as the argument, each run goes to the parent as a message.
runSeeds(JSON.parse(process.argv[2] ?? '') as SeedRange, (summary) => {
  process.send?.(summary);
});
