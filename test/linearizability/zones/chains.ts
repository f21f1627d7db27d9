import { finding, Zone } from './cluster.js';
import type { Cluster, Finding } from './cluster.js';

/** Clusters that follow each other with nothing between them, because each one's condition demands the one before. */
export interface Chain {
  readonly clusters: readonly Cluster[];
  readonly zone: Zone;
  /** The part of the zone in which something is there; null where nothing ever is. */
  readonly solid: Zone | null;
}

/** Joins clusters to chains; most are alone in theirs. */
export function joinChains(clusters: readonly Cluster[]): readonly Chain[] | Finding {
  for (const cluster of clusters) {
    markPredecessors(cluster);
  }
  const happened = clusters.filter((cluster) => cluster.happened);
  const successors = new Map<Cluster, Cluster>();
  for (const cluster of happened) {
    const { predecessor } = cluster;
    const rival = predecessor === null ? undefined : successors.get(predecessor);
    if (rival !== undefined) {
      return finding('two conditions held on the same write', cluster.write, rival.write);
    }
    if (predecessor !== null) {
      successors.set(predecessor, cluster);
    }
  }
  const chains: Chain[] = [];
  let joined = 0;
  for (const head of happened) {
    if (head.predecessor === null) {
      const chain = chainFrom(head, successors);
      if ('reason' in chain) {
        return chain;
      }
      chains.push(chain);
      joined += chain.clusters.length;
    }
  }
  return joined === happened.length
    ? chains
    : finding('conditions hold on each other in a circle', ...circle(happened));
}

/** A write that a later one built on has happened, too. */
function markPredecessors(cluster: Cluster): void {
  let { predecessor } = cluster;
  while (cluster.happened && predecessor !== null && !predecessor.happened) {
    predecessor.happened = true;
    ({ predecessor } = predecessor);
  }
}

function chainFrom(head: Cluster, successors: ReadonlyMap<Cluster, Cluster>): Chain | Finding {
  const clusters: Cluster[] = [];
  const zone = new Zone();
  const solid = new Zone();
  for (let cluster: Cluster | undefined = head; cluster !== undefined; cluster = successors.get(cluster)) {
    if (cluster.zone.earliestEnd < zone.latestStart) {
      return finding('an operation ended before one began that it builds on', cluster.zone.first, zone.last);
    }
    clusters.push(cluster);
    zone.includeZone(cluster.zone);
    if (cluster.value !== null) {
      solid.includeZone(cluster.zone);
    }
  }
  return { clusters, zone, solid: solid.last === null ? null : solid };
}

function circle(happened: readonly Cluster[]): readonly Cluster['write'][] {
  return happened.filter(({ predecessor }) => predecessor !== null).map(({ write }) => write);
}
