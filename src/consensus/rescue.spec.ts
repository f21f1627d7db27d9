import { describe, expect, it } from '@jest/globals';
import { InMemoryDisk } from '../../test/support/in-memory-stores.js';
import { Configuration, decodeConfiguration, encodeConfiguration, RaftLog } from '../raft/index.js';
import type { Entry, Member } from '../raft/index.js';
import type { RecoveredNode } from './recovery.js';
import { rescue } from './rescue.js';

const members = ['n1', 'n2', 'n3'].map((id) => member(id));
const identity = { nodeId: 'n1', instanceId: 'i-n1', clusterId: 'c', bootNumber: 4 };

function member(id: string, changes: Partial<Member> = {}): Member {
  const addresses = { httpAddr: `${id}.test:8091`, raftAddr: `${id}.test:8089` };
  return { id, instanceId: `i-${id}`, ...addresses, role: 'voter', promote: true, ...changes };
}

function entry(index: number, kind: Entry['kind'] = 'command', of: readonly Member[] = members): Entry {
  const data = kind === 'configuration' ? encodeConfiguration(new Configuration(of)) : new Uint8Array(1);
  return { index, term: 3, kind, timeMs: 10 * index, proposal: null, data };
}

const entries = [entry(1, 'configuration'), entry(2), entry(3), entry(4)];
const hardState = { currentTerm: 7, votedFor: 'n2', commitIndex: 2 };

function found(changes: Partial<RecoveredNode['durable']> = {}): RecoveredNode {
  return { identity, durable: { hardState, snapshot: null, entries, ...changes }, isEmpty: false };
}

const keep = { id: 'n1', httpAddr: 'new.test:8091' };

describe('a rescue', () => {
  it('keeps every entry and puts one behind them, in a term of its own, that makes the survivor the only voter', () => {
    const { write, uncommittedCount } = rescue(found(), [keep]);
    const [last, ...more] = write.entries;

    expect(more).toEqual([]);
    expect(last).toMatchObject({ index: 5, term: 8, kind: 'configuration', timeMs: 40 });
    expect(write).toMatchObject({ reset: null, hardState: { currentTerm: 8, votedFor: null, commitIndex: 2 } });
    expect(uncommittedCount).toBe(2);
    expect(decodeConfiguration(last?.data ?? new Uint8Array(0)).members).toEqual([
      member('n1', { httpAddr: 'new.test:8091' }),
    ]);
  });

  it('lets the others wait as learners for whoever comes with an empty disk', () => {
    const { configuration } = rescue(found(), [keep, { id: 'n3', httpAddr: 'n3.new:8091' }]);

    expect(configuration.voterIds).toEqual(['n1']);
    expect(configuration.member('n3')).toEqual(
      member('n3', { httpAddr: 'n3.new:8091', instanceId: '', role: 'learner' }),
    );
  });

  it('goes by the last configuration of the log, committed or not, and by the snapshot where it has none', () => {
    const replicas = [member('n1', { role: 'learner', promote: false }), member('n4')];
    const later = rescue(found({ entries: [...entries, entry(5, 'configuration', replicas)] }), [
      keep,
      { id: 'n4', httpAddr: 'n4.test:8091' },
    ]);
    expect(later.configuration.voterIds).toEqual(['n1']);
  });

  it.each<[string, readonly Entry[], { readonly currentTerm: number; readonly commitIndex: number }]>([
    ['is empty', [], { currentTerm: 7, commitIndex: 40 }],
    ['ends before it, since a crash came between the two', entries, { currentTerm: 3, commitIndex: 2 }],
  ])('goes on from the snapshot where the log %s, in one step with the log', async (_what, stored, hard) => {
    const position = { lastIncludedIndex: 40, lastIncludedTerm: 9, lastIncludedTimeMs: 77 };
    const snapshot = { ...position, configuration: new Configuration(members), chunkCount: 1, byteCount: 1 };
    const durable = { entries: stored, snapshot, hardState: { votedFor: null, ...hard } };
    const { write, uncommittedCount } = rescue(found(durable), [keep]);

    expect(write).toMatchObject({
      reset: { index: 40, term: 9 },
      entries: [{ index: 41, term: 10, timeMs: 77 }],
      hardState: { currentTerm: 10, commitIndex: 40 },
    });
    expect(uncommittedCount).toBe(0);

    const { log } = new InMemoryDisk().start();
    await log.open('n1');
    await log.write({ reset: null, entries: stored, hardState: durable.hardState });
    await log.setClusterId('c', write);
    const { entries: after, hardState: state } = await log.open('n1');
    const core = new RaftLog(snapshot, after);
    expect([core.configuration.voterIds, core.lastIndex, state?.currentTerm]).toEqual([['n1'], 41, 10]);
  });

  it.each<[string, () => unknown]>([
    ['n9 is no member (n1, n2, n3 are)', () => rescue(found(), [keep, { id: 'n9', httpAddr: 'n9.test:1' }])],
    ['not those of a member', () => rescue({ ...found(), identity: { ...identity, instanceId: 'wiped' } }, [keep])],
    ['not those of a member', () => rescue(found({ entries: [] }), [keep])],
  ])('is refused: %s', (words, act) => {
    expect(act).toThrow(words);
  });
});
