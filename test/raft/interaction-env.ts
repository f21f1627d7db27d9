import { assert } from '../../src/lib/assert.js';
import { formatConfiguration, formatMessage } from '../../src/raft/index.js';
import type { CoreConfig, MessageType, NodeId } from '../../src/raft/index.js';
import { messageName } from '../../src/raft/format.js';
import { electionTicks, instanceOf, members } from '../support/raft-builders.js';
import { RaftCluster } from '../support/raft-cluster.js';
import type { MessageFilter } from '../support/raft-cluster.js';
import type { TestNode } from '../support/raft-node.js';

type Command = (words: readonly string[]) => void;

/**
 * Plays stories: several cores whose disks, state machines and network move by command alone.
 *
 * Every command prints what happened, one line for each thing, with the node's name in front. Safety is watched over
 * all nodes, and each input is checked with `checkTransition`.
 */
export class InteractionEnv {
  private cluster = new RaftCluster([]);
  private lines: string[] = [];

  private readonly commands: Readonly<Record<string, Command>> = {
    cluster: (words) => {
      this.found(words);
    },
    empty: ([id = '']) => {
      this.cluster.addEmpty(id);
      this.flush(id);
    },
    tick: ([id = '', ticks = '1']) => {
      this.act(id, (node) => node.tick(Number(ticks)));
    },
    timeout: ([id = '']) => {
      this.act(id, (node) => node.timeout());
    },
    silence: (ids) => {
      ids.forEach((id) => {
        this.act(id, (node) => node.tick(electionTicks));
      });
    },
    propose: ([id = '', ...texts]) => {
      this.act(id, (node) => {
        node.propose(...texts);
      });
    },
    read: ([id = '', confirmation]) => {
      this.act(id, (node) => node.read(confirmation === 'contact' ? 'contact' : 'quorum'));
    },
    join: ([id = '', joiner = '']) => {
      this.join(id, joiner);
    },
    remove: ([id = '', member = '']) => {
      this.act(id, (node) => {
        node.change({ kind: 'remove', id: member });
      });
    },
    transfer: ([id = '', target = '']) => {
      this.act(id, (node) => node.transfer(target));
    },
    persist: ([id = '', count]) => {
      this.act(id, (node) => {
        node.persist(count === undefined ? undefined : Number(count));
      });
    },
    apply: ([id = '']) => {
      this.act(id, (node) => {
        node.apply();
      });
    },
    task: ([id = '']) => {
      this.act(id, (node) => {
        node.doTask();
      });
    },
    snapshot: ([id = '', chunks = '1']) => {
      this.act(id, (node) => {
        node.takeSnapshot(Number(chunks));
      });
    },
    compact: ([id = '', index = '']) => {
      this.act(id, (node) => {
        node.compact(Number(index));
      });
    },
    deliver: (words) => {
      this.deliver(filterOf(words));
    },
    drop: (words) => {
      for (const lost of this.cluster.drop(filterOf(words))) {
        this.lines.push(`lost ${formatMessage(lost)}`);
      }
    },
    stabilize: (ids) => {
      this.stabilize(ids.length === 0 ? [...this.cluster.nodes.keys()] : ids);
    },
    cut: (ids) => {
      this.cluster.cut(...ids);
    },
    heal: () => {
      this.cluster.heal();
    },
    crash: ([id = '']) => {
      this.cluster.crash(id);
    },
    restart: ([id = '']) => {
      this.cluster.restart(id);
      this.flush(id);
    },
    status: () => {
      this.cluster.nodes.forEach((node) => this.lines.push(statusOf(node)));
    },
  };

  /** Does one command of a story. `quietly` in front: only what follows from it is kept, not said. */
  run(line: string): string {
    const [first = '', ...rest] = line.split(/\s+/);
    const isQuiet = first === 'quietly';
    const [name = '', ...words] = isQuiet ? rest : [first, ...rest];
    const command = this.commands[name];
    assert(command !== undefined, `${name} is a command`);
    this.lines = [];
    command(words);
    return isQuiet ? '' : this.lines.join('\n');
  }

  private found(words: readonly string[]): void {
    const options = new Map(words.filter((word) => word.includes('=')).map((word) => pair(word)));
    const names = words.filter((word) => !word.includes('='));
    const learners = names.filter((name) => name.startsWith('(')).map((name) => name.slice(1, -1));
    const voters = names.filter((name) => !name.startsWith('('));
    const config: Partial<CoreConfig> = {
      preVote: options.get('preVote') !== 'off',
      checkQuorum: options.get('checkQuorum') !== 'off',
      inflightBatchesMax: Number(options.get('window') ?? 4),
      appendBytesMax: Number(options.get('batchBytes') ?? 65536),
    };
    const configuration = members(voters.join(' '), learners.join(' '));
    this.cluster = new RaftCluster([...voters, ...learners], { config, configuration, isManual: true });
    this.cluster.nodes.forEach((node) => {
      this.flush(node.id);
    });
  }

  private join(id: NodeId, joiner: NodeId): void {
    const member = {
      id: joiner,
      instanceId: instanceOf(joiner),
      httpAddr: `${joiner}:80`,
      raftAddr: `${joiner}:90`,
      promote: true,
    };
    this.act(id, (node) => {
      node.change({ kind: 'join', member, replace: false });
    });
  }

  private deliver(filter: MessageFilter): number {
    const messages = this.cluster.take(filter);
    for (const message of messages) {
      this.lines.push(`  ${formatMessage(message)}`);
      if (this.cluster.nodes.has(message.to)) {
        this.act(message.to, (node) => {
          node.step(message);
        });
      }
    }
    return messages.length;
  }

  private stabilize(ids: readonly NodeId[]): void {
    for (let round = 0; round < 200; round += 1) {
      const done = ids.map((id) => this.settle(id)).filter(Boolean).length;
      const moved = ids.flatMap((to) => ids.map((from) => this.deliver({ from, to })));
      if (done + moved.reduce((sum, count) => sum + count, 0) === 0) {
        return;
      }
    }
    assert(false, 'the cluster comes to rest');
  }

  /** Does what the node's disk and state machine have to do. @returns Whether there was something. */
  private settle(id: NodeId): boolean {
    const node = this.cluster.node(id);
    const hasWork = node.writes.length + node.unapplied.length + node.tasks.length > 0;
    this.act(id, () => {
      node.settle();
    });
    return hasWork;
  }

  private act(id: NodeId, action: (node: TestNode) => unknown): void {
    action(this.cluster.node(id));
    this.flush(id);
  }

  private flush(id: NodeId): void {
    this.lines.push(
      ...this.cluster
        .node(id)
        .takeLines()
        .map((line) => `${id}: ${line}`),
    );
  }
}

/** `a->b`, a message's name, a number that counts what agrees with these from 1; what is left out means all. */
function filterOf(words: readonly string[]): MessageFilter {
  const route = words.find((word) => word.includes('->'))?.split('->') ?? [];
  const name = words.find((word) => /^[A-Z]/.test(word));
  const nth = words.find((word) => /^[0-9]+$/.test(word));
  const type = messageTypes.find((each) => messageName(each) === name);
  assert(name === undefined || type !== undefined, `${name ?? ''} is a message`);
  return {
    from: named(route[0]),
    to: named(route[1]),
    type,
    nth: nth === undefined ? undefined : Number(nth),
  };
}

/** Undefined where the route leaves an end open. */
function named(id: NodeId | undefined): NodeId | undefined {
  return id === '' ? undefined : id;
}

const messageTypes: readonly MessageType[] = [
  'requestVote',
  'requestVoteResponse',
  'appendEntries',
  'appendEntriesResponse',
  'heartbeat',
  'heartbeatResponse',
  'installSnapshot',
  'installSnapshotResponse',
  'readIndexRequest',
  'readIndexResponse',
  'propose',
  'proposeResponse',
  'changeMembership',
  'timeoutNow',
];

function pair(word: string): [string, string] {
  const [name = '', value = ''] = word.split('=');
  return [name, value];
}

function statusOf(node: TestNode): string {
  const { role, currentTerm, leaderId, commitIndex, lastApplied, log, configuration } = node.state;
  return [
    `${node.id}: ${role} term=${currentTerm} leader=${leaderId ?? 'none'} commit=${commitIndex} applied=${lastApplied}`,
    `log=${log.firstIndex - 1}+[${node.logTerms.join(' ')}] durable=${log.writes.durableIndex}`,
    `members=${formatConfiguration(configuration)} state=[${node.applied.join(' ')}]`,
  ].join(' ');
}
