import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { tryPut } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const writes = 20;
let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.start(3);
  for (let write = 0; write < writes; write += 1) {
    expect(await tryPut(cluster.node('node01'), `k${write}`, 'x')).toBe('acknowledged');
  }
  await cluster.settledChecksums();
}, 120_000);

afterAll(async () => {
  await cluster.destroy();
}, 30_000);

/** The samples of a node, by name and labels. */
async function metricsOf(node: NodeProcess): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

it('the metrics of three nodes tell what happened', async () => {
  const { leader, followers } = await cluster.roles(cluster.node('node01'));
  const [first = leader, second = leader] = followers;
  const [ofLeader, ofFollower] = [await metricsOf(leader), await metricsOf(first)];
  const view = await cluster.view(leader);

  expect(ofLeader.get('raftdb_raft_is_leader')).toBe(1);
  expect(ofFollower.get('raftdb_raft_is_leader')).toBe(0);
  expect(ofLeader.get('raftdb_raft_term')).toBe(view.term);
  expect(ofLeader.get(`raftdb_raft_elections_won_total{reason="leader_missed"}`)).toBe(1);
  for (const metrics of [ofLeader, ofFollower]) {
    expect(metrics.get('raftdb_raft_has_leader')).toBe(1);
    expect(metrics.get('raftdb_cluster_members{role="voter"}')).toBe(3);
    expect(metrics.get('raftdb_raft_commit_index')).toBe(view.commitIndex);
    expect(metrics.get('raftdb_entries_applied_total')).toBe(view.appliedIndex);
    expect(metrics.get('raftdb_store_revision')).toBe(writes);
    expect(metrics.get('raftdb_store_keys')).toBe(writes);
    // The founding entry is stored together with the name of the cluster.
    expect(view.commitIndex - (metrics.get('raftdb_log_write_entries_sum') ?? 0)).toBeLessThanOrEqual(1);
    expect(metrics.get('raftdb_log_write_duration_seconds_count')).toBeGreaterThan(0);
    expect(metrics.get('raftdb_storage_away')).toBe(0);
    expect(metrics.get('raftdb_storage_used_bytes')).toBeGreaterThan(10_000);
    expect(metrics.get('raftdb_raft_lag_entries')).toBe(0);
    expect(metrics.get('raftdb_peer_bytes_total{direction="sent"}')).toBeGreaterThan(1000);
  }
  // Only the node that was asked counts a write as its own.
  const asked = await metricsOf(cluster.node('node01'));
  expect(asked.get('raftdb_proposal_duration_seconds_count{outcome="ok"}')).toBe(writes);
  // Only the leader knows how far the others are.
  expect(ofLeader.get('raftdb_cluster_failures_tolerated')).toBe(1);
  expect(ofLeader.get(`raftdb_peer_lag_entries{peer="${first.id}"}`)).toBe(0);
  expect(ofFollower.has('raftdb_cluster_failures_tolerated')).toBe(false);
  expect([...ofFollower.keys()].filter((name) => name.startsWith('raftdb_peer_lag'))).toEqual([]);

  await first.stop('SIGKILL');
  await second.json('/key/gone?level=consistent');
  await leader.until(
    async () => (await metricsOf(leader)).get('raftdb_cluster_failures_tolerated') === 0,
    30_000,
    'aware of the lost member',
  );
}, 60_000);
