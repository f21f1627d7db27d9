import { expect, it } from '@jest/globals';
import { defaultSettings } from '../../test/support/http-harness.js';
import { loopLimits } from './consensus-options.js';

it('members that draw differently take their snapshots at different entries, by a quarter at most and never later', () => {
  const settings = { ...defaultSettings(), snapshotEntries: 1000, snapshotBytes: 4000 };
  const drawn = [0, 0.5, 1].map((earliness) => loopLimits(settings, earliness).snapshot);
  expect(drawn.map(({ entries, bytes, statePart }) => [entries, bytes, 1000 * statePart])).toEqual([
    [1000, 4000, 125],
    [875, 3500, 109.375],
    [750, 3000, 93.75],
  ]);
});
