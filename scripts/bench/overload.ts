import { writeFileSync } from 'node:fs';
import { buildWhereStale } from '../cluster/build.js';
import { environment } from './environment.js';
import { floodGoals, floodLines, floodCluster } from './overload-flood.js';
import type { FloodTrial } from './overload-flood.js';
import { followerGoals, followerLines, measureFollowers } from './overload-follower.js';
import type { FollowerTrial } from './overload-follower.js';
import { readCount, readFlags, readParts } from './read-flags.js';
import { scratchFolder } from './scratch-folder.js';
import { chooseGenerator } from './suite/generator.js';
import { goalLines } from './suite/goals.js';
import { BenchCluster } from './targets.js';

const parts = ['flood', 'follower'] as const;

export const OVERLOAD_USAGE = `npm run bench -- overload [--only flood,follower] [--seconds N] [--connections N] [--blocks N] [--json FILE]

Three nodes under more than they take, and with a follower that does not keep up:

  flood       PUT of 256-byte values at the leader, sent by the clock at twice the rate that 256 clients reach: what is
              accepted, what is refused and how fast, also for 50 clients that heed Retry-After, memory and leader changes
  follower    PUT with 64 clients at the leader, all nodes well, one follower stopped, one killed, in blocks that take turns

  --only P         one of them
  --seconds N      how long each of three floods lasts, default 10
  --connections N  of the flood, one request at a time on each, default 3000; a node closes what is more than
                   --http-connections-max
  --blocks N       of the follower part, each of 3 seconds, default 3; the figures are medians
  --node-flags=F   further flags of each node, with spaces between
  --json FILE      writes the figures there too
`;

/** @throws UsageError when `args` are not those of {@link OVERLOAD_USAGE}, Error when a trial fails. */
export async function runOverload(args: readonly string[]): Promise<void> {
  const values = readFlags(args, {
    only: { type: 'string', default: parts.join(',') },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '3000' },
    blocks: { type: 'string', default: '3' },
    'node-flags': { type: 'string', default: '' },
    json: { type: 'string' },
  });
  const only = readParts('--only', values.only, parts);
  const options = {
    seconds: readCount('--seconds', values.seconds, 2),
    connections: readCount('--connections', values.connections, 1),
    blocks: readCount('--blocks', values.blocks, 1),
    generator: chooseGenerator(),
    folder: scratchFolder('overload-'),
  };
  buildWhereStale(console.log);
  const cluster = await BenchCluster.start({ flags: values['node-flags'].split(' ').filter((flag) => flag !== '') });
  let flood: FloodTrial | null = null;
  let follower: FollowerTrial | null = null;
  try {
    if (only.includes('flood')) {
      flood = await floodCluster(cluster, options);
      console.log(`\n${floodLines(flood).join('\n')}\n`);
    }
    if (only.includes('follower')) {
      follower = await measureFollowers(cluster, options);
      console.log(`\n${followerLines(follower).join('\n')}\n`);
    }
  } finally {
    await cluster.stop();
  }
  const goals = [...(flood === null ? [] : floodGoals(flood)), ...(follower === null ? [] : followerGoals(follower))];
  console.log(goalLines(goals, 'what is compared').join('\n'));
  if (values.json !== undefined) {
    const figures = { environment: environment(), generator: options.generator.name, goals, flood, follower };
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
}
