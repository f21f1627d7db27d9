import type { Random } from '../../src/lib/random.js';
import { pick, spread } from '../simulation/draw.js';
import type { Failpoint, FailpointPlace } from '../support/failpoints.js';

/** Statements of the storage at which something can happen while a node runs. */
const places: readonly FailpointPlace[] = [
  'log.begin',
  'log.insert',
  'log.delete',
  'log.commit',
  'log.commit',
  'log.commit',
  'snapshot.begin',
  'snapshot.insert',
  'snapshot.delete',
  'snapshot.commit',
];

const codes = ['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_READ', 'SQLITE_FULL'];

/** Draws where the storage fails and how. */
export function drawFailpoint(kind: 'storage-error' | 'storage-kill' | 'slow-disk', random: Random): Failpoint {
  const place = kind === 'slow-disk' ? 'log.commit' : pick(random, places);
  const when = pick(random, ['before', 'after'] as const);
  const isFrequent = place === 'log.begin' || place === 'log.insert' || place === 'log.commit';
  const skip = kind === 'slow-disk' ? 0 : spread(random, { from: 1, to: isFrequent ? 50 : 3 }) - 1;
  switch (kind) {
    case 'storage-error':
      return { place, when, skip, action: { kind: 'error', code: pick(random, codes) } };
    case 'storage-kill':
      return { place, when, skip, action: { kind: 'kill' } };
    case 'slow-disk':
      return { place, when, skip, action: { kind: 'slow', ms: spread(random, { from: 50, to: 1500 }) } };
  }
}
