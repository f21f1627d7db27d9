import type { Random } from '../../src/lib/random.js';
import type { NodeId } from '../../src/raft/index.js';
import { pick, pickWeighted, shuffled } from './draw.js';

/** Links that are cut, as `from>to`. */
export type Cut = readonly string[];

/** Draws which links fail together. */
export function drawCut(random: Random, ids: readonly NodeId[], leaderId: NodeId | null): Cut {
  const shape = pickWeighted(random, [
    [8, 'isolateLeader'],
    [3, 'isolateOne'],
    [3, 'halves'],
    [2, 'bridge'],
    [1, 'ring'],
    [1, 'star'],
    [1, 'scattered'],
  ] as const);
  const order = shuffled(random, ids);
  const [first = ''] = order;
  const cut =
    shape === 'scattered'
      ? between(order, order).filter(() => random.chance(0.4))
      : cutFor(shape, order, shape === 'isolateLeader' ? (leaderId ?? first) : first);
  return random.chance(0.3) ? oneWay(random, cut) : cut.flatMap(([from, to]) => [`${from}>${to}`, `${to}>${from}`]);
}

type Pair = readonly [NodeId, NodeId];

function cutFor(
  shape: 'isolateLeader' | 'isolateOne' | 'halves' | 'bridge' | 'ring' | 'star',
  order: readonly NodeId[],
  alone: NodeId,
): readonly Pair[] {
  const half = Math.ceil(order.length / 2);
  switch (shape) {
    case 'isolateLeader':
    case 'isolateOne':
      return order.filter((id) => id !== alone).map((id) => [alone, id]);
    case 'halves':
      return between(order.slice(0, half), order.slice(half));
    case 'bridge':
      return between(order.slice(1, half), order.slice(half));
    case 'star':
      return between(order.slice(1), order.slice(1));
    case 'ring':
      return between(order, order).filter(([from, to]) => {
        const distance = Math.abs(order.indexOf(from) - order.indexOf(to));
        return distance > 1 && distance < order.length - 1;
      });
  }
}

function between(left: readonly NodeId[], right: readonly NodeId[]): readonly Pair[] {
  return left.flatMap((from) => right.filter((to) => to !== from).map((to): Pair => [from, to]));
}

/** Requests get through and answers do not, or the other way round. */
function oneWay(random: Random, pairs: readonly Pair[]): Cut {
  const forwards = pick(random, [true, false]);
  return pairs.map(([from, to]) => (forwards ? `${from}>${to}` : `${to}>${from}`));
}
