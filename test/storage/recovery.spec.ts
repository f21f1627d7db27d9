import { describe, expect, it } from '@jest/globals';
import { CorruptStateError } from '../../src/consensus/consensus.errors.js';
import { recover } from '../../src/consensus/recovery.js';
import { exitCodeOf, exitCodes } from '../../src/exit-codes.js';
import { at } from '../../src/lib/assert.js';
import { KeyValueStore } from '../../src/state-machine/index.js';
import { InMemoryDisk } from '../support/in-memory-stores.js';
import { append, entries, hardState, takeSnapshot } from './samples.js';

/** The chunks of an empty state. */
function snapshotOf(): Uint8Array[] {
  return [...new KeyValueStore().snapshot()];
}

/** What a start says to a snapshot of these chunks, which the store finds whole. */
async function refusalOf(chunks: Uint8Array[]): Promise<unknown> {
  const disk = new InMemoryDisk();
  const { log, snapshots } = disk.start();
  await log.open('n1');
  await log.write(append(entries({ first: 1, last: 3 }), hardState(1, 3)));
  await takeSnapshot(snapshots, 3, { chunks });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- a port is a shape, as for Nest
  const outcome = recover(disk.start(), new KeyValueStore(), 'n1');
  return outcome.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('a snapshot that cannot be restored', () => {
  it('is taken as it was written', async () => {
    expect(await refusalOf(snapshotOf())).toBeNull();
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['of a later form', (bytes) => bytes.with(7, 2), 'a snapshot has format 2, this program reads 1'],
    ['that is something else', (bytes) => bytes.with(0, 0), 'not a snapshot'],
    ['whose checksum is another one', (bytes) => bytes.with(-1, 0), 'the checksum is another one'],
    ['that is cut', (bytes) => bytes.slice(0, -1), 'the header is missing'],
    ['that goes on behind its end', (bytes) => Uint8Array.of(...bytes, 1), 'the end is missing'],
  ])('%s ends the node with words that say what to do', async (_what, change, words) => {
    const [preamble, ...pages] = snapshotOf();
    const all = Uint8Array.of(...at([preamble ?? new Uint8Array(0)], 0), ...pages.flatMap((page) => [...page]));

    const refusal = await refusalOf([change(all)]);

    expect(refusal).toBeInstanceOf(CorruptStateError);
    const { exitCode, line } = exitCodeOf(refusal);
    expect(exitCode).toBe(exitCodes.dataRefused);
    expect(line).toContain(`the snapshot at entry 3 cannot be restored`);
    expect(line).toContain(words);
    expect(line).toMatch(/; replace this node: stop it, .*start it once with -join and -replace$/);
  });
});
