/** Sends what its parent says, by the clock or in turn, and tells it what came of it. */
import { FloodTally } from './flood.js';
import type { FloodOrder } from './flood.js';
import { sendInTurn } from './closed-loop.js';
import { sendByClock } from './open-loop.js';
import type { Answered } from './open-loop.js';
import { sendPatiently } from './patient-loop.js';

process.once('message', (order: FloodOrder) => {
  void run(order);
});
process.on('disconnect', () => {
  process.exit();
});

/** The first seconds of a client belong to its compiler: as long, and at as much less than what is to be measured. */
const WARM_SECONDS = 2;
const WARM_PART = 1 / 4;
const WARM_CONNECTIONS = 256;

async function run({ url, load, patientClients }: FloodOrder): Promise<void> {
  const tally = new FloodTally(load);
  const note = (answered: Answered): void => {
    tally.note(answered);
  };
  if ('rate' in load) {
    const warm = { ...load, rate: load.rate * WARM_PART, seconds: WARM_SECONDS, connections: WARM_CONNECTIONS };
    await sendByClock(url, warm, () => undefined);
  }
  const patient = sendPatiently(url, { ...load, connections: patientClients }, (answered) => {
    tally.notePatient(answered);
  });
  await Promise.all([patient, 'rate' in load ? sendByClock(url, load, note) : sendInTurn(url, load, note)]);
  process.send?.(tally.result());
}
