import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Configuration } from '../../src/raft/index.js';
import type { AppendEntries, Message } from '../../src/raft/index.js';
import { Backoff } from '../../src/transport/backoff.js';
import { eventually, LogLines, TestPeer } from './peers.js';

const MIB = 1024 * 1024;
// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

let logger: LogLines;
let peers: TestPeer[];

beforeEach(() => {
  logger = new LogLines();
  peers = [];
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(peers.map((peer) => peer.stop()));
});

async function start(
  id: string,
  changes: Omit<Parameters<typeof TestPeer.start>[1], 'logger'> = {},
): Promise<TestPeer> {
  const peer = await TestPeer.start(id, { ...changes, logger });
  peers.push(peer);
  return peer;
}

/** Nodes of one cluster that know each other. */
async function cluster(...ids: string[]): Promise<TestPeer[]> {
  const nodes = await Promise.all(ids.map((id) => start(id)));
  const members = nodes.map(({ member }) => member);
  for (const node of nodes) {
    node.identify();
    node.knows(...members);
  }
  return nodes;
}

async function pair(): Promise<[TestPeer, TestPeer]> {
  const [a, b] = await cluster('a', 'b');
  if (a === undefined || b === undefined) {
    throw new Error('two nodes were asked for');
  }
  await Promise.all([a.sees('b', 'up'), b.sees('a', 'up')]);
  return [a, b];
}

function append(from: TestPeer, to: string, { count = 1, bytes = 0 }): AppendEntries {
  const entries = Array.from({ length: count }, (_, position) => ({
    index: position + 1,
    term: 1,
    kind: 'command' as const,
    timeMs: 0,
    proposal: null,
    data: new Uint8Array(bytes).fill(position + 1),
  }));
  const position = { prevLogIndex: 0, prevLogTerm: 0, leaderCommit: 0 };
  return { type: 'appendEntries', from: from.id, fromInstance: from.instanceId, to, term: 1, ...position, entries };
}

function chunk(from: TestPeer, to: string, number: number): Message {
  const snapshot = {
    lastIncludedIndex: 9,
    lastIncludedTerm: 1,
    lastIncludedTimeMs: 0,
    configuration: Configuration.empty,
    chunkCount: 100,
    byteCount: 100 * 1024,
  };
  const data = new Uint8Array(1024).fill(number);
  return {
    type: 'installSnapshot',
    from: from.id,
    fromInstance: from.instanceId,
    to,
    term: 1,
    snapshot,
    chunk: number,
    data,
  };
}

describe('peers that know each other', () => {
  it('exchange messages both ways, whole and unchanged', async () => {
    const nodes = await cluster('a', 'b', 'c');
    for (const from of nodes) {
      for (const to of nodes.filter((node) => node !== from)) {
        from.transport.send(append(from, to.id, { count: 3, bytes: 200 }));
      }
    }
    for (const node of nodes) {
      const received = await node.receives(2);
      const others = nodes.filter((other) => other !== node);
      const expected = others.map((other) => append(other, node.id, { count: 3, bytes: 200 }));
      expect(received).toHaveLength(2);
      expect(received).toEqual(expect.arrayContaining(expected));
    }
  });

  it('deliver in the order of sending, each message once, however they are cut on their way', async () => {
    const [a, b] = await pair();
    const sent: string[] = [];
    for (let round = 1; round <= 5000; round += 1) {
      a.heartbeat('b', round);
      sent.push(`heartbeat ${round}`);
      if (round % 50 === 0) {
        const message = append(a, 'b', { count: round % 7, bytes: 10_000 });
        a.transport.send({ ...message, leaderCommit: round });
        sent.push(`appendEntries ${round}`);
      }
    }
    const received = await b.receives(sent.length);

    expect(
      received.map((message) =>
        message.type === 'heartbeat'
          ? `heartbeat ${message.round}`
          : `${message.type} ${message.type === 'appendEntries' ? message.leaderCommit : '?'}`,
      ),
    ).toEqual(sent);
  });

  // Nest's own sockets stop reading while they cannot write: two nodes that do wait for each other for good.
  it.each([
    ['on a connection each', true],
    ['on the only connection that there is', false],
  ])('send 4 MB at once both ways, again and again, %s, without waiting for each other', async (_how, bothDial) => {
    const [a, b] = await pair();
    if (!bothDial) {
      b.knows(b.member);
      await eventually(() => a.stats.connectionsOpen === 0, 'b leaves');
    }
    for (let message = 0; message < 4; message += 1) {
      a.transport.send(append(a, 'b', { count: 4, bytes: MIB }));
      b.transport.send(append(b, 'a', { count: 4, bytes: MIB }));
    }
    await Promise.all([a.receives(4), b.receives(4)]);

    for (const message of [...a.received, ...b.received]) {
      const sizes = message.type === 'appendEntries' ? message.entries.map(({ data }) => data.length) : [];
      expect(sizes).toEqual([MIB, MIB, MIB, MIB]);
    }
  });

  it('carry a snapshot on a connection of its own, in both directions', async () => {
    const [a, b] = await pair();
    for (let number = 0; number < 20; number += 1) {
      a.transport.send(chunk(a, 'b', number));
    }
    const received = await b.receives(20);

    expect(received).toEqual(Array.from({ length: 20 }, (_, number) => chunk(a, 'b', number)));
    expect(b.stats.connectionsOpen).toBe(2);

    b.transport.send({
      type: 'installSnapshotResponse',
      from: 'b',
      fromInstance: b.instanceId,
      to: 'a',
      term: 1,
      snapshotIndex: 9,
      snapshotTerm: 1,
      nextChunk: 20,
      installed: false,
    });
    await a.receives(1);
    expect(a.stats.connectionsOpen).toBe(1);
  });

  it('drop a message that is above the limit and keep the connection', async () => {
    const [a, b] = await pair();
    a.transport.send(append(a, 'b', { count: 9, bytes: MIB }));
    a.heartbeat('b');

    expect(await b.receives(1)).toMatchObject([{ type: 'heartbeat' }]);
    expect(a.stats.dropped.get('tooLong')).toBe(1);
    expect(logger.with('above frameBytesMax')).toHaveLength(1);
  });

  it('keep what entries they received apart from the memory of the socket', async () => {
    const [a, b] = await pair();
    a.transport.send(append(a, 'b', { count: 1, bytes: 100 }));
    const [message] = await b.receives(1);

    const buffers = message?.type === 'appendEntries' ? message.entries.map(({ data }) => data.buffer.byteLength) : [];
    expect(buffers).toHaveLength(1);
    expect(Math.max(...buffers)).toBeLessThan(1000);
  });
});

describe('a peer that goes away', () => {
  it('is dialled until it is back, with one line in the log for each change', async () => {
    const [a, b] = await pair();
    const { port } = b;
    await b.stop();
    await a.sees('b', 'down');
    await eventually(() => (a.stats.peers.get('b')?.failedDials ?? 0) > 3, 'several dials fail');

    const again = await start('b', { bindPort: port });
    again.identify();
    again.knows(a.member, again.member);
    a.heartbeat('b', 7);

    expect(await again.receives(1)).toMatchObject([{ type: 'heartbeat', round: 7 }]);
    expect(logger.with('peer b at').filter((line) => line.includes('is down'))).toHaveLength(1);
    expect(logger.with('peer b at').filter((line) => line.includes('is up'))).toHaveLength(2);
    expect(logger.with('error ')).toEqual([]);
  });

  it('is dialled at once when it shows itself, instead of at the end of a long pause', async () => {
    jest.spyOn(Backoff.prototype, 'nextMs').mockReturnValue(600_000);
    const a = await start('a');
    const b = await start('b');
    a.identify();
    a.knows(a.member, b.member);
    await a.sees('b', 'down');

    b.identify();
    b.knows(a.member, b.member);
    await a.sees('b', 'up');
  });

  it('gets what was sent while it was being dialled', async () => {
    const a = await start('a');
    const b = await start('b');
    a.identify();
    a.knows(a.member, b.member);
    a.heartbeat('b', 3);
    await a.sees('b', 'down');
    b.identify();

    expect(await b.receives(1)).toMatchObject([{ type: 'heartbeat', round: 3 }]);
  });

  it('is no longer connected once the configuration does not name it', async () => {
    const [a, b] = await pair();
    a.knows(a.member);

    await eventually(() => b.stats.connectionsOpen === 0, 'a leaves');
    expect(a.stats.peers.has('b')).toBe(false);
  });

  it('can still be answered after it was removed, on the connection that it dialled', async () => {
    const [a, b] = await pair();
    a.knows(a.member);
    await eventually(() => b.stats.connectionsOpen === 0, 'a leaves');
    a.heartbeat('b', 5);

    expect(await b.receives(1)).toMatchObject([{ type: 'heartbeat', round: 5 }]);
  });
});

describe('who is listened to', () => {
  it('a foreign cluster is refused both ways and reported to the node that it names', async () => {
    const a = await start('a');
    const b = await start('b');
    a.identify('cluster-a');
    b.identify('cluster-b');
    a.knows(a.member, b.member);
    a.heartbeat('b');
    await eventually(() => b.greetings.length > 0, 'b is greeted');

    expect(b.greetings[0]).toEqual({ clusterId: 'cluster-a', fromNodeId: 'a', expectedInstanceId: 'b-disk' });
    await eventually(() => a.stats.peers.get('b')?.reason === 'it belongs to another cluster', 'a knows why');
    expect(b.stats.refused.get('foreignCluster')).toBeGreaterThan(0);
    expect(b.received).toEqual([]);
  });

  it('a node whose disk was wiped refuses whoever means the one before', async () => {
    const a = await start('a');
    const b = await start('b', { instanceId: 'new-disk' });
    a.identify();
    b.identify();
    a.knows(a.member, { ...b.member, instanceId: 'old-disk' });
    a.heartbeat('b');
    await a.sees('b', 'down');

    expect(b.stats.refused.get('otherInstance')).toBeGreaterThan(0);
    expect(a.stats.peers.get('b')?.reason).toContain('wiped');
    expect(b.received).toEqual([]);
    expect(b.greetings).toEqual([]);
  });

  it('a node refuses whoever means another one', async () => {
    const a = await start('a');
    const b = await start('b');
    a.identify();
    b.identify();
    a.knows(a.member, { ...b.member, id: 'c' });
    await a.sees('c', 'down');

    expect(b.stats.refused.get('otherNode')).toBeGreaterThan(0);
    expect(b.greetings).toEqual([]);
  });

  it('a member that was admitted without an instance is dialled whatever its instance is', async () => {
    const a = await start('a');
    const b = await start('b');
    a.identify();
    b.identify();
    a.knows(a.member, { ...b.member, instanceId: '' });

    await a.sees('b', 'up');
  });

  it('a joiner without a cluster refuses and reports, then hears its leader and answers it without an address', async () => {
    const leader = await start('leader');
    const joiner = await start('joiner');
    joiner.identify(null);
    leader.identify();
    leader.knows(leader.member, joiner.member);
    await eventually(() => joiner.greetings.length > 0, 'the joiner is greeted');

    expect(joiner.greetings[0]).toEqual({
      clusterId: 'cluster-a',
      fromNodeId: 'leader',
      expectedInstanceId: 'joiner-disk',
    });
    expect(joiner.stats.refused.get('noCluster')).toBeGreaterThan(0);

    joiner.identify('cluster-a');
    leader.heartbeat('joiner');
    leader.transport.send(chunk(leader, 'joiner', 0));
    await joiner.receives(2);
    joiner.heartbeat('leader', 8);
    joiner.transport.send(chunk(joiner, 'leader', 1));

    const received = await leader.receives(2);
    expect(received.map(({ type }) => type).sort()).toEqual(['heartbeat', 'installSnapshot']);
    expect(leader.stats.connectionsOpen).toBe(0);
  });

  it('a sender that the receiver does not know, or knows on another disk, is heard and answered', async () => {
    const a = await start('a', { instanceId: 'new-disk' });
    const b = await start('b');
    a.identify();
    b.identify();
    b.knows(b.member, { ...a.member, instanceId: 'old-disk' });
    a.knows(a.member, b.member);
    a.heartbeat('b', 2);
    expect(await b.receives(1)).toMatchObject([{ fromInstance: 'new-disk', round: 2 }]);
    await b.sees('a', 'down');
    b.heartbeat('a', 3);

    expect(await a.receives(1)).toMatchObject([{ from: 'b', round: 3 }]);
  });
});

describe('start and stop', () => {
  it('a port that is taken rejects the start', async () => {
    const a = await start('a');

    await expect(TestPeer.start('b', { bindPort: a.port, logger })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('an address that is not ours rejects the start', async () => {
    await expect(TestPeer.start('b', { bindHost: '192.0.2.1', logger })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });

  // Nest would log it and go on with a state that is broken.
  it('an error of the handler is thrown where it stops the process', async () => {
    const a = await start('a');
    const broken = new Error('a broken invariant');
    a.transport.onMessage(() => {
      throw broken;
    });
    const later: unknown[] = [];
    const nextTick = jest.spyOn(process, 'nextTick').mockImplementation((action) => later.push(action));
    a.deliver({ type: 'timeoutNow', from: 'b', fromInstance: 'b-disk', to: 'a', term: 1 });
    nextTick.mockRestore();

    expect(later).toHaveLength(1);
    expect(later[0]).toThrow(broken);
  });

  it('nothing is delivered after close, and what was sent before it arrives', async () => {
    const [a, b] = await pair();
    a.heartbeat('b', 1);
    await a.transport.close();
    await b.receives(1);
    b.heartbeat('a', 2);
    a.heartbeat('b', 3);
    await b.sees('a', 'down');

    expect(a.received).toEqual([]);
    expect(b.received).toHaveLength(1);
    expect(a.stats.dropped.get('closed')).toBe(1);
  });
});
