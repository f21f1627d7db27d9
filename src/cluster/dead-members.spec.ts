import { beforeEach, describe, expect, it } from '@jest/globals';
import { Configuration } from '../raft/index.js';
import type { Member } from '../raft/index.js';
import { DeadMembers } from './dead-members.js';
import type { Look } from './dead-members.js';

const afterMs = 60_000;

function member(id: string, changes: Partial<Member> = {}): Member {
  const addresses = { httpAddr: `${id}.test:8091`, raftAddr: `${id}.test:8089` };
  return { id, instanceId: `i-${id}`, ...addresses, role: 'voter', promote: true, ...changes };
}

const four = ['n1', 'n2', 'n3', 'n4'].map((id) => member(id));

/** The leader n1 looks, and hears all but `silent`. */
function look(nowMs: number, silent: readonly string[], changes: Partial<Look['status']> = {}): Look {
  const configuration = changes.configuration ?? new Configuration(four);
  const progress = configuration.members.map(({ id }) => ({
    id,
    matchIndex: 0,
    lastContactMs: silent.includes(id) ? 1000 : 20,
    // A wiped disk is heard and not healthy: it is not dead.
    healthy: false,
  }));
  return { nowMs, status: { nodeId: 'n1', leaderId: 'n1', term: 3, configuration, ...changes }, progress };
}

let dead: DeadMembers;

beforeEach(() => {
  dead = new DeadMembers({ afterMs, silentMs: 1000, votersMin: 3 });
});

describe('dead members', () => {
  it('are removed once they were silent for long enough', () => {
    expect(dead.next(look(0, ['n3']))).toBeNull();
    expect(dead.next(look(afterMs - 1, ['n3']))).toBeNull();
    expect(dead.next(look(afterMs, ['n3']))?.id).toBe('n3');
  });

  it('are counted anew after they were heard, with another disk, and by another leader', () => {
    dead.next(look(0, ['n3']));
    dead.next(look(afterMs - 1, []));
    expect(dead.next(look(afterMs, ['n3']))).toBeNull();
    const replaced = new Configuration([...four.filter(({ id }) => id !== 'n3'), member('n3', { instanceId: 'new' })]);
    expect(dead.next(look(2 * afterMs, ['n3'], { configuration: replaced }))).toBeNull();
    expect(dead.next(look(4 * afterMs, ['n3'], { configuration: replaced, term: 4 }))).toBeNull();
    expect(dead.next(look(5 * afterMs, ['n3'], { configuration: replaced, term: 4 }))?.id).toBe('n3');
  });

  it('stay where a follower looks, or the leader knows nothing', () => {
    dead.next(look(0, ['n3']));
    expect(dead.next(look(afterMs, ['n3'], { leaderId: 'n2' }))).toBeNull();
    expect(dead.next({ ...look(afterMs, ['n3']), progress: null })).toBeNull();
    expect(dead.next(look(afterMs, ['n3']))).toBeNull();
  });

  it('go one after the other, the longest silent first, and never below the size that is given', () => {
    const five = new Configuration([...four, member('n5')]);
    dead.next(look(0, ['n4'], { configuration: five }));
    dead.next(look(10, ['n4', 'n3'], { configuration: five }));
    expect(dead.next(look(2 * afterMs, ['n4', 'n3'], { configuration: five }))?.id).toBe('n4');
    const rest = five.without('n4');
    expect(dead.next(look(2 * afterMs, ['n3'], { configuration: rest }))?.id).toBe('n3');
    expect(dead.next(look(9 * afterMs, ['n2'], { configuration: rest.without('n3') }))).toBeNull();
    expect(dead.next(look(10 * afterMs, ['n2'], { configuration: rest.without('n3') }))).toBeNull();
  });

  it('are learners too, which count for no size; a place that is kept is not dead', () => {
    const learner = { role: 'learner' } as const;
    const configuration = new Configuration([
      ...four.slice(0, 3),
      member('n8', { ...learner, instanceId: '' }),
      member('n9', learner),
    ]);
    dead.next(look(0, ['n8', 'n9'], { configuration }));
    expect(dead.next(look(afterMs, ['n8', 'n9'], { configuration }))?.id).toBe('n9');
    expect(dead.next(look(afterMs, ['n8'], { configuration: configuration.without('n9') }))).toBeNull();
  });
});
