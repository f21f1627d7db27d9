import { buildWhereStale } from '../cluster/build.js';
import { runAmount } from './load.js';
import { readCount, readFlags } from './read-flags.js';
import { BenchCluster, urlOf } from './targets.js';

const CLIENTS = 64;
/** Part of the writes that is made before the node that was away comes back. */
const AWAY_PART = 0.8;

/** The parts of `GET /status` that the trial looks at. */
interface Status {
  readonly raft: { readonly appliedIndex: number; readonly commitIndex: number };
  readonly log: { readonly firstIndex: number; readonly lastIndex: number; readonly snapshotIndex: number };
}

export const CATCH_UP_USAGE = `npm run bench -- catch-up [--writes N]

Writes to three nodes at default limits with one away for most of them: it comes back by a snapshot

  --writes N   how many, default 200000; 70000 are enough for a snapshot
`;

/** @throws UsageError when `args` are not those of {@link CATCH_UP_USAGE}; as {@link catchUp} does. */
export async function runCatchUp(args: readonly string[]): Promise<void> {
  const { writes } = readFlags(args, { writes: { type: 'string', default: '200000' } });
  buildWhereStale(console.log);
  await catchUp(readCount('--writes', writes, 1));
}

/**
 * Writes `writes` values at default limits while a follower is away for most of the time: the log is compacted, and
 * the follower comes back by a snapshot while writes go on.
 *
 * @throws Error when a write fails, the log is not compacted, no snapshot is installed or the nodes differ at the end.
 */
async function catchUp(writes: number): Promise<void> {
  const cluster = await BenchCluster.start();
  try {
    const leader = await cluster.leader();
    const leaderUrl = urlOf(leader);
    const away = cluster.nodes.find((node) => node !== leader);
    if (away === undefined) {
      throw new Error('the cluster has no follower');
    }
    away.kill();
    await away.ended;
    const before = Math.floor(writes * AWAY_PART);
    await runAmount(leaderUrl, { clients: CLIENTS, amount: before });
    const { log } = await statusOf(leaderUrl);
    console.log(
      `${before} writes with ${away.plan.id} away; the leader's log holds ${log.firstIndex} to ${log.lastIndex}`,
    );
    if (log.firstIndex === 1) {
      throw new Error('the log was not compacted');
    }
    const rest = runAmount(leaderUrl, { clients: CLIENTS, amount: writes - before });
    const backAtMs = performance.now();
    await cluster.restart(away.plan.id);
    const awayUrl = urlOf(away);
    const readySeconds = (performance.now() - backAtMs) / 1000;
    const startLag = (await statusOf(leaderUrl)).raft.commitIndex - (await statusOf(awayUrl)).raft.appliedIndex;
    const seconds = await rest;
    const endLag = (await statusOf(leaderUrl)).raft.commitIndex - (await statusOf(awayUrl)).raft.appliedIndex;
    console.log(`${writes - before} more writes in ${seconds.toFixed(1)} s while it comes back`);
    console.log(`  ready after ${readySeconds.toFixed(1)} s`);
    await verify(cluster, awayUrl, { startLag, endLag, log });
  } finally {
    await cluster.stop();
  }
}

async function verify(
  cluster: BenchCluster,
  awayUrl: string,
  seen: { readonly startLag: number; readonly endLag: number; readonly log: Status['log'] },
): Promise<void> {
  const checksums = await cluster.settledChecksums();
  const { log } = await statusOf(awayUrl);
  console.log(`  entries behind when it was ready: ${seen.startLag}; at the last write: ${seen.endLag}`);
  console.log(`  its log holds ${log.firstIndex} to ${log.lastIndex}; checksums ${checksums.join(' ')}`);
  if (log.firstIndex < seen.log.firstIndex) {
    throw new Error('it caught up without a snapshot');
  }
  if (new Set(checksums).size !== 1) {
    throw new Error('the nodes differ');
  }
}

async function statusOf(url: string): Promise<Status> {
  return (await (await fetch(`${url}/status`)).json()) as Status;
}
