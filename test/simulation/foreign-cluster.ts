import { encodeText } from '../../src/lib/bytes.js';
import type { Random } from '../../src/lib/random.js';
import type { Entry, Message } from '../../src/raft/index.js';
import { encodeCommand } from '../../src/state-machine/index.js';
import { judgeHello, ownVersions } from '../../src/transport/hello.js';
import { pick } from './draw.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimProcess } from './sim-process.js';
import type { SimWorld } from './sim-world.js';

/** The name of the simulated cluster, and of one whose nodes have the same names and found our addresses. */
const ownClusterId = 'ours';
const foreignClusterId = 'theirs';

const foreignCommand = encodeCommand({
  idempotency: null,
  command: { kind: 'put', entries: [{ key: 'k0', value: encodeText('"of another cluster"') }], condition: null },
});

/** A leader of another cluster that takes our nodes for its own. */
export class ForeignCluster {
  constructor(
    private readonly world: SimWorld,
    private readonly cluster: SimCluster,
  ) {}

  /** Greets a node and, where the greeting is accepted, sends what such a leader would send. */
  call(random: Random): void {
    const { running, hosts } = this.cluster;
    const others = hosts.filter((host) => host.id !== running[0]?.nodeId);
    if (running.length === 0 || others.length === 0) {
      return;
    }
    const to = pick(random, running);
    const from = pick(random, others).id;
    const own = { nodeId: to.nodeId, instanceId: to.disk.instanceId, clusterId: ownClusterId };
    const refusal = judgeHello(own, {
      versions: ownVersions,
      clusterId: foreignClusterId,
      nodeId: from,
      instanceId: `${from}.foreign`,
      toNodeId: to.nodeId,
      toInstanceId: null,
      channel: 'raft',
    });
    if (refusal !== null) {
      this.world.coverage.add('foreignRefused');
      return;
    }
    to.deliver({ type: 'message', message: this.append(random, from, to) });
  }

  /** Entries of a log that begins as ours does and goes on in another way. */
  private append(random: Random, from: string, to: SimProcess): Message {
    const { log, currentTerm } = to.state;
    const term = currentTerm + random.between({ from: 1, until: 4 });
    const prevLogIndex = random.between({ from: log.firstIndex - 1, until: log.lastIndex + 1 });
    const entry: Entry = {
      index: prevLogIndex + 1,
      term,
      kind: 'command',
      timeMs: to.state.lastEntryTimeMs,
      proposal: null,
      data: foreignCommand,
    };
    return {
      type: 'appendEntries',
      from,
      fromInstance: `${from}.foreign`,
      to: to.nodeId,
      term,
      prevLogIndex,
      prevLogTerm: log.termAt(prevLogIndex) ?? 0,
      entries: [entry],
      leaderCommit: prevLogIndex + 1,
    };
  }
}
