/** Sends what its parent says, by the clock, and tells it what came of it. */
import { FloodTally } from './flood.js';
import type { FloodOrder } from './flood.js';
import { sendByClock } from './open-loop.js';

process.once('message', (order: FloodOrder) => {
  void run(order);
});
process.on('disconnect', () => {
  process.exit();
});

async function run({ url, load }: FloodOrder): Promise<void> {
  const tally = new FloodTally(load);
  await sendByClock(url, load, (answered) => {
    tally.note(answered);
  });
  process.send?.(tally.result());
}
