import { expect, test } from '@jest/globals';
import { freePorts } from '../../scripts/cluster/ports.js';

/** So many that numbers drawn without a look at the earlier ones would meet one of them. */
const count = 800;

test('a port that was given out is given to nobody else while its process lives', async () => {
  const ports = [...(await freePorts(count / 2)), ...(await freePorts(count / 2))];
  expect(new Set(ports).size).toBe(count);
});
