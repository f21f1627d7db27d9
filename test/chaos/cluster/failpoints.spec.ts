import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at } from '../../../src/lib/assert.js';
import { ChaosStage } from '../chaos-stage.js';
import { send } from '../workload/http-request.js';
import type { ChaosNode, ProcessEnd } from './chaos-node.js';
import type { Failpoint } from '../../support/failpoints.js';

let stage: ChaosStage;
let node: ChaosNode;

beforeAll(async () => {
  stage = await ChaosStage.build({
    seed: 1,
    nodeCount: 1,
    clients: [],
    flags: ['-snapshot-entries', '100'],
    smallDisks: false,
    storage: 'sqlite',
    patches: [],
    print: () => undefined,
  });
  await stage.cluster.start();
  node = at(stage.cluster.nodes, 0);
}, 180_000);

afterAll(async () => {
  await stage.clear([]);
}, 60_000);

/** Writes a key. @returns The status; null where no answer came. */
async function write(): Promise<number | null> {
  const { httpPort: port } = node.plan;
  const request = { port, method: 'PUT', path: '/key/a', body: '1', timeoutMs: 30_000 } as const;
  return send(false, request).then(
    ({ status }) => status,
    () => null,
  );
}

/** Writes until the process ends. @returns How it ended. */
async function writeUntilGone(): Promise<ProcessEnd> {
  const ends: ProcessEnd[] = [];
  stage.ends.once('end', (end) => ends.push(end));
  while (ends.length === 0) {
    await write();
  }
  return at(ends, 0);
}

async function restart(): Promise<void> {
  await node.failpoints.disarm();
  node.start();
  await stage.cluster.ready(node);
}

function failpoint(place: Failpoint['place'], action: Failpoint['action']): Failpoint {
  return { place, when: 'before', skip: 0, action };
}

describe('the failpoints of the storage', () => {
  it.each<Failpoint['place']>(['log.commit', 'snapshot.commit'])(
    'end the process at %s',
    async (place) => {
      node.expectEnd(true);
      await node.failpoints.arm(failpoint(place, { kind: 'kill' }));
      expect(await writeUntilGone()).toEqual({ code: null, signal: 'SIGKILL' });
      await restart();
      expect(await write()).toBe(200);
    },
    180_000,
  );

  it('make a statement fail, at which the program ends', async () => {
    node.expectEnd(true);
    await node.failpoints.arm(failpoint('log.commit', { kind: 'error', code: 'SQLITE_IOERR_FSYNC' }));
    expect(await writeUntilGone()).toEqual({ code: 7, signal: null });
    expect(node.lastLines(5).join('\n')).toContain('SQLITE_IOERR_FSYNC');
    await restart();
    expect(await write()).toBe(200);
  }, 180_000);

  it('make statements slow', async () => {
    await node.failpoints.arm(failpoint('log.commit', { kind: 'slow', ms: 300 }));
    const beganMs = performance.now();
    expect(await write()).toBe(200);
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(299);
    await node.failpoints.disarm();
  }, 60_000);

  it('make the volume look full', async () => {
    await node.failpoints.pretendFull(true);
    while ((await write()) !== 507) {
      // The node looks at its volume once a second.
    }
    await node.failpoints.pretendFull(false);
    while ((await write()) !== 200) {
      // As above.
    }
  }, 60_000);
});
