import { expect, it } from '@jest/globals';
import { TurnEnd } from './turn-end.js';

it('lets the first caller of a turn go on at once and the others together, behind what else the turn brings', async () => {
  const turnEnd = new TurnEnd();
  const seen: string[] = [];
  const callers = ['first', 'second', 'third'].map((name) => turnEnd.wait().then(() => seen.push(name)));
  await Promise.resolve();
  seen.push('turn');
  setImmediate(() => seen.push('next'));
  await Promise.all(callers);
  expect(seen).toEqual(['first', 'turn', 'second', 'third']);
  await new Promise(setImmediate);
  expect(seen.at(-1)).toBe('next');
  await turnEnd.wait().then(() => seen.push('of the turn after'));
  expect(seen.at(-1)).toBe('of the turn after');
});
