import { expect, it } from '@jest/globals';
import { LoopShare } from './loop-share.js';

/** How long {@link LoopShare} rests after work of 10 ms in which the loop was busy for `active` ms and idle for `idle`. */
async function restAfter({ active, idle }: { active: number; idle: number }): Promise<number> {
  let utilization = { active: 500, idle: 700 };
  let waited = NaN;
  const share = new LoopShare({
    utilization: () => utilization,
    wait: (ms) => {
      waited = ms;
      return Promise.resolve();
    },
  });
  utilization = { active: 500 + active, idle: 700 + idle };
  await share.rest(10);
  return waited;
}

it('rests twice as long as it worked while others need the loop', async () => {
  expect(await restAfter({ active: 30, idle: 0 })).toBe(20);
  expect(await restAfter({ active: 14, idle: 20 })).toBe(20);
});

it('goes on in the next turn while nobody else needs the loop', async () => {
  expect(await restAfter({ active: 10, idle: 5 })).toBe(0);
  expect(await restAfter({ active: 12, idle: 28 })).toBe(0);
});

it('looks at the time since the last piece alone', async () => {
  let utilization = { active: 0, idle: 0 };
  const waits: number[] = [];
  const share = new LoopShare({
    utilization: () => utilization,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  utilization = { active: 100, idle: 0 };
  await share.rest(10);
  utilization = { active: 110, idle: 0 };
  await share.rest(10);
  expect(waits).toEqual([20, 0]);
});
