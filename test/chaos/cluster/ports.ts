import { isPortInUse } from '../../../scripts/cluster/ports.js';
import type { Random } from '../../../src/lib/random.js';

/** Below the ports that systems give to outgoing connections: a node that is down for a while finds its port free. */
const range = { from: 15_000, until: 30_000 };

const attemptsMax = 1000;

/** Ports of 127.0.0.1 that nobody listens on, each another, which stay free while a node restarts. */
export async function restartablePorts(count: number, random: Random): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; found.size < count; attempt += 1) {
    if (attempt === attemptsMax) {
      throw new Error('no free ports were found');
    }
    const port = random.between(range);
    if (!found.has(port) && !(await isPortInUse({ host: '127.0.0.1', port }))) {
      found.add(port);
    }
  }
  return [...found];
}
