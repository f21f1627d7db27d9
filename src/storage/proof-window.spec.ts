import { expect, test } from '@jest/globals';
import { ProofWindow, stepsPerReport } from './proof-window.js';

test('a proof goes a few steps ahead, and on as far as steps are taken', async () => {
  const window = new ProofWindow();
  let entered = 0;
  const prove = async (steps: number): Promise<void> => {
    for (let step = 0; step < steps; step += 1) {
      await window.enter();
      entered += 1;
    }
  };
  const done = prove(3 * stepsPerReport);
  await new Promise(setImmediate);
  expect(entered).toBe(2 * stepsPerReport - 1);
  window.noteTaken(stepsPerReport);
  await new Promise(setImmediate);
  expect(entered).toBe(3 * stepsPerReport - 1);
  window.noteTaken(stepsPerReport);
  await done;
});
