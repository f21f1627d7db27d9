import { at } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';
import { pick, shuffled, spread } from '../simulation/draw.js';
import type { NetworkFaultKind } from './fault-kinds.js';
import type { Fault, FaultDraw } from './faults.js';
import type { LinkMode } from './network/link.js';
import { passing } from './network/link.js';
import { between, bothWays } from './network/network.js';
import type { Direction } from './network/network.js';

/** Draws what happens to links; null where the kind cannot happen in this cluster. */
export function drawNetworkFault(kind: NetworkFaultKind, draw: FaultDraw): Fault | null {
  const directions = directionsOf(kind, draw);
  if (directions.length === 0) {
    return null;
  }
  const mode = modeOf(kind, draw.random);
  const { network } = draw.cluster.plan;
  const set = (chosen: LinkMode): Promise<void> => {
    network.set(directions, chosen);
    return Promise.resolve();
  };
  return {
    kind,
    text: `${JSON.stringify(mode).replaceAll('"', '')} on ${namesOf(directions)}`,
    holdMs: spread(draw.random, { from: 500, to: draw.holdMsMax }),
    begin: () => set(mode),
    end: () => set(passing),
  };
}

/** Directions that are named one by one in the log of the run. */
const namedMax = 8;

function namesOf(directions: readonly Direction[]): string {
  const named = directions.slice(0, namedMax).map(([from, to]) => `${from}>${to}`);
  const others = directions.length - named.length;
  return others === 0 ? named.join(' ') : `${named.join(' ')} and ${others} more`;
}

interface Party {
  readonly draw: FaultDraw;
  /** The nodes in an order of their own. */
  readonly ids: readonly string[];
  readonly leaderId: string;
}

function directionsOf(kind: NetworkFaultKind, draw: FaultDraw): Direction[] {
  const ids = shuffled(
    draw.random,
    draw.cluster.nodes.map(({ id }) => id),
  );
  return shapes[kind]({ draw, ids, leaderId: draw.leader?.id ?? at(ids, 0) });
}

const shapes: Readonly<Record<NetworkFaultKind, (party: Party) => Direction[]>> = {
  split: ({ ids }) => bothWays(between(ids.slice(0, halfOf(ids)), ids.slice(halfOf(ids)))),
  'isolate-leader': ({ ids, leaderId }) => bothWays(between([leaderId], ids)),
  'isolate-one': ({ ids }) => bothWays(between(ids.slice(0, 1), ids)),
  'one-way': ({ draw: { random }, ids, leaderId }) =>
    oneWay(between([random.chance(0.6) ? leaderId : at(ids, 0)], ids), random),
  bridge: ({ ids }) => bothWays(between(ids.slice(1, halfOf(ids)), ids.slice(halfOf(ids)))),
  ring: ({ ids }) => distant(ids),
  'cut-clients': ({ draw: { cluster, random }, ids }) => clientDirections(cluster.plan.clients, ids, random),
  'half-open': someOrAll,
  refuse: someOrAll,
  delay: someOrAll,
  reset: someOrAll,
  throttle: someOrAll,
};

function halfOf(ids: readonly string[]): number {
  return Math.ceil(ids.length / 2);
}

function someOrAll({ draw: { random }, ids }: Party): Direction[] {
  const all = between(ids, ids);
  return random.chance(0.3) ? all : some(all, random);
}

/** Requests get through and answers do not, or the other way round. */
function oneWay(directions: readonly Direction[], random: Random): Direction[] {
  const isTurned = random.chance(0.5);
  return directions.map(([from, to]): Direction => (isTurned ? [to, from] : [from, to]));
}

/** Every node sees its neighbours alone, so that no two see the same majority. */
function distant(ids: readonly string[]): Direction[] {
  return between(ids, ids).filter(([from, to]) => {
    const distance = Math.abs(ids.indexOf(from) - ids.indexOf(to));
    return distance > 1 && distance < ids.length - 1;
  });
}

function clientDirections(clients: readonly string[], ids: readonly string[], random: Random): Direction[] {
  const cut = some(between(clients, ids), random);
  return pick(random, [cut, cut.map(([from, to]): Direction => [to, from]), bothWays(cut)]);
}

function some(directions: readonly Direction[], random: Random): Direction[] {
  const count = random.between({ from: 1, until: directions.length + 1 });
  return shuffled(random, directions).slice(0, count);
}

function modeOf(kind: NetworkFaultKind, random: Random): LinkMode {
  switch (kind) {
    case 'delay':
      return { kind: 'delay', ms: 75, jitterMs: 50 };
    case 'reset':
      return { kind: 'reset', probability: at([0.05, 0.1, 0.2, 0.5], random.between({ from: 0, until: 4 })) };
    case 'throttle':
      return { kind: 'throttle', bytesPerSecond: 64 * 1024 };
    case 'half-open':
      return { kind: 'halfOpen' };
    case 'refuse':
      return { kind: 'refuse' };
    default:
      return { kind: random.chance(0.5) ? 'hold' : 'drop' };
  }
}
