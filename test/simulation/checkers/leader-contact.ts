import { at } from '../../../src/lib/assert.js';
import type { LogIndex, Term } from '../../../src/raft/index.js';
import type { RaftState } from '../../../src/raft/raft-state.js';
import type { Step } from './step.js';
import { holds } from './violation.js';

/** Since when a leader has led with the same members and without standing still. */
interface Reign {
  readonly term: Term;
  readonly configurationIndex: LogIndex;
  readonly sinceTick: number;
  lastTick: number;
}

/**
 * I30: with check-quorum a leader has heard from a quorum within three election timeouts of its own clock: it looks
 * back once in each, and time comes in steps.
 *
 * A process that stood still begins anew: when all stood still together, nobody need take its place.
 */
export class LeaderContact {
  private readonly reigns = new WeakMap<RaftState, Reign>();

  check({ nodeId, state, mirror }: Step): void {
    const { checkQuorum, electionTimeoutTicks } = state.config;
    if (!checkQuorum || state.role !== 'leader') {
      return;
    }
    const { sinceTick } = this.reignOf(state, mirror.configurationIndex);
    const heardTicks = mirror.configuration.voterIds
      .map((id) => heardTick(state, id))
      .sort((left, right) => right - left);
    const quorumTick = heardTicks.length === 0 ? 0 : at(heardTicks, Math.floor(heardTicks.length / 2));
    const silentTicks = state.now - Math.max(quorumTick, sinceTick);
    holds(
      silentTicks <= 3 * electionTimeoutTicks,
      'I30',
      () => `${nodeId} leads, ${silentTicks} ticks without a quorum`,
    );
  }

  private reignOf(state: RaftState, configurationIndex: LogIndex): Reign {
    const known = this.reigns.get(state);
    const { currentTerm: term, now } = state;
    const isSame = known?.term === term && known.configurationIndex === configurationIndex;
    if (isSame && now - known.lastTick < state.config.electionTimeoutTicks) {
      known.lastTick = now;
      return known;
    }
    const reign = { term, configurationIndex, sinceTick: now, lastTick: now };
    this.reigns.set(state, reign);
    return reign;
  }
}

function heardTick(state: RaftState, id: string): number {
  return id === state.config.nodeId ? state.now : (state.progress.get(id)?.lastHeardTick ?? 0);
}
