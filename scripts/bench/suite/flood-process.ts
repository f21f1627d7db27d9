/** Sends what its parent says, by the clock or in turn, and tells it what came of it. */
import { FloodTally } from './flood.js';
import type { FloodOrder } from './flood.js';
import { sendInTurn } from './closed-loop.js';
import { sendByClock } from './open-loop.js';
import type { Answered } from './open-loop.js';

process.once('message', (order: FloodOrder) => {
  void run(order);
});
process.on('disconnect', () => {
  process.exit();
});

async function run({ url, load }: FloodOrder): Promise<void> {
  const tally = new FloodTally(load);
  const note = (answered: Answered): void => {
    tally.note(answered);
  };
  await ('rate' in load ? sendByClock(url, load, note) : sendInTurn(url, load, note));
  process.send?.(tally.result());
}
