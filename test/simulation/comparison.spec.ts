import { describe, expect, test } from '@jest/globals';
import { describeFailure } from './report.js';
import { simulate } from './simulator.js';

/** Short runs: what is looked for is an alarm that nothing calls for. */
const events = 6_000;
const seeds = Array.from({ length: 40 }, (_, position) => position + 1);

/** Far above what the runs take on a busy machine, in milliseconds. */
const timeoutMs = 600_000;

describe('members that compare their states', () => {
  test(
    'never find them unequal, whatever is lost, late, restarted, replaced or restored from a snapshot',
    () => {
      const answered = { checksum: 0, none: 0 };
      for (const seed of seeds) {
        const result = simulate(seed, {
          events,
          checksumIntervalTicks: 3,
          onEvent: ({ detail }) => {
            if (typeof detail === 'object' && detail?.type === 'compareStateResponse') {
              answered[detail.checksum === null ? 'none' : 'checksum'] += 1;
            }
          },
        });
        expect(result.failure === null ? null : describeFailure(result)).toBeNull();
      }
      expect(answered.checksum).toBeGreaterThan(1_000);
      expect(answered.none).toBeGreaterThan(0);
    },
    timeoutMs,
  );
});
