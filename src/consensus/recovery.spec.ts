import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeText } from '../lib/bytes.js';
import { InMemoryDisk } from '../../test/support/in-memory-stores.js';
import { assert, at } from '../lib/assert.js';
import { SnapshotStore } from '../ports/snapshot-store.port.js';
import type { ProofStep } from '../ports/snapshot-store.port.js';
import { Configuration } from '../raft/index.js';
import type { LogIndex, SnapshotMetadata } from '../raft/index.js';
import { encodeCommand, KeyValueStore } from '../state-machine/index.js';
import { CorruptStateError } from './consensus.errors.js';
import { recover } from './recovery.js';

/** Snapshots of several chunks each, one of which may be damaged; keeps count of the reads. */
class TestSnapshots extends SnapshotStore {
  readonly stored: { readonly metadata: SnapshotMetadata; readonly chunks: readonly Uint8Array[] }[] = [];
  /** Index of the snapshot whose chunk cannot be read. */
  damaged: { readonly index: LogIndex; readonly chunk: number } | null = null;
  /** Whether a damaged snapshot is still given as the newest after it was read. */
  isStubborn = false;
  /** What a proof of the newest snapshot tells; by default nothing. */
  told: (newest: { readonly metadata: SnapshotMetadata; readonly chunks: readonly Uint8Array[] }) => ProofStep[] =
    () => [];
  readCount = 0;
  mostReadsAtOnce = 0;
  private readsAtOnce = 0;

  /** Adds the newest one. */
  take(index: LogIndex, machine: KeyValueStore): void {
    const chunks = [...machine.snapshot()];
    const byteCount = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const position = { lastIncludedIndex: index, lastIncludedTerm: 1, lastIncludedTimeMs: 0 };
    const metadata = { ...position, configuration: Configuration.empty, chunkCount: chunks.length, byteCount };
    this.stored.unshift({ metadata, chunks });
  }

  async latest(): Promise<SnapshotMetadata | null> {
    const [newest] = this.stored;
    for (const step of newest === undefined ? [] : this.told(newest)) {
      await this.onProof(step);
    }
    return newest?.metadata ?? null;
  }

  async read(index: LogIndex, chunk: number): Promise<Uint8Array | null> {
    this.readCount += 1;
    this.readsAtOnce += 1;
    this.mostReadsAtOnce = Math.max(this.mostReadsAtOnce, this.readsAtOnce);
    await new Promise(setImmediate);
    this.readsAtOnce -= 1;
    if (this.damaged?.index === index && this.damaged.chunk === chunk) {
      this.stored.splice(0, this.isStubborn ? 0 : 1);
      throw new Error(`chunk ${chunk} is damaged`);
    }
    return this.stored.find(({ metadata }) => metadata.lastIncludedIndex === index)?.chunks[chunk] ?? null;
  }

  begin = unused;
  write = unused;
  commit = unused;
  discard = unused;
}

function unused(): Promise<void> {
  return Promise.reject(new Error('a start writes no snapshot'));
}

/** The proof of a snapshot, from its begin to its end. */
function proofOf({ metadata, chunks }: TestSnapshots['stored'][number]): ProofStep[] {
  const told = chunks.map((data): ProofStep => ({ kind: 'chunk', data }));
  return [{ kind: 'begin', index: metadata.lastIncludedIndex }, ...told, { kind: 'end' }];
}

/** Adds keys whose values take several chunks. */
function fill(machine: KeyValueStore, name: string): void {
  for (let key = 0; key < 32; key += 1) {
    const entries = [{ key: `${name}/${key}`, value: encodeText(JSON.stringify(name.padEnd(65_536, '.'))) }];
    const data = encodeCommand({ idempotency: null, command: { kind: 'put', entries, condition: null } });
    machine.apply({ index: machine.revision() + 1, timeMs: 0, data });
  }
}

describe('a start', () => {
  let snapshots: TestSnapshots;
  let source: KeyValueStore;
  let machine: KeyValueStore;

  beforeEach(() => {
    snapshots = new TestSnapshots();
    source = new KeyValueStore();
    machine = new KeyValueStore();
    fill(machine, 'former');
  });

  function start(disk = new InMemoryDisk()) {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the store has the methods of the port, which it must not import
    return recover({ log: disk.start().log, snapshots }, machine, 'n1');
  }

  it('puts the newest snapshot into force', async () => {
    fill(source, 'a');
    snapshots.take(32, source);
    fill(source, 'b');
    snapshots.take(64, source);

    const { durable, isEmpty } = await start();

    expect(durable.snapshot?.lastIncludedIndex).toBe(64);
    expect(isEmpty).toBe(false);
    expect(machine.checksum()).toBe(source.checksum());
  });

  it('empties the state where there is no snapshot', async () => {
    expect((await start()).durable.snapshot).toBeNull();
    expect(machine.checksum()).toBe(new KeyValueStore().checksum());
  });

  it('reads the next chunks while one is restored, and never more than a few', async () => {
    fill(source, 'a');
    snapshots.take(32, source);
    expect(snapshots.stored[0]?.chunks.length).toBeGreaterThan(6);

    await start();

    expect(snapshots.mostReadsAtOnce).toBe(4);
  });

  it.each([0, 3])('falls back to the snapshot before one whose chunk %d is damaged', async (chunk) => {
    fill(source, 'a');
    const checksum = source.checksum();
    snapshots.take(32, source);
    fill(source, 'b');
    snapshots.take(64, source);
    snapshots.damaged = { index: 64, chunk };

    expect((await start()).durable.snapshot?.lastIncludedIndex).toBe(32);
    expect(machine.checksum()).toBe(checksum);
  });

  it('ends with the error of a chunk where the snapshot stays the newest, and the state stays', async () => {
    const checksum = machine.checksum();
    fill(source, 'a');
    snapshots.take(32, source);
    snapshots.damaged = { index: 32, chunk: 2 };
    snapshots.isStubborn = true;

    await expect(start()).rejects.toThrow('chunk 2 is damaged');
    expect(machine.checksum()).toBe(checksum);
  });

  it('refuses a snapshot that lacks a chunk', async () => {
    fill(source, 'a');
    snapshots.take(32, source);
    const [whole] = snapshots.stored.splice(0, 1);
    assert(whole !== undefined, 'it was just taken');
    snapshots.stored.push({ ...whole, chunks: whole.chunks.slice(0, -1) });

    await expect(start()).rejects.toThrow(CorruptStateError);
  });

  it('does not fall back to a snapshot that ends before the log begins', async () => {
    const disk = new InMemoryDisk();
    const { log } = disk.start();
    await log.open('n1');
    const entry = { index: 41, term: 1, kind: 'noop', timeMs: 0, proposal: null, data: new Uint8Array() } as const;
    const hardState = { currentTerm: 1, votedFor: null, commitIndex: 41 };
    await log.write({ reset: { index: 40, term: 1 }, entries: [entry], hardState });
    fill(source, 'a');
    snapshots.take(32, source);
    snapshots.take(64, source);
    snapshots.damaged = { index: 64, chunk: 0 };

    await expect(start(disk)).rejects.toThrow('the log begins at 41, but the snapshot ends at 32');
  });

  describe('whose store tells of the proof of its snapshot', () => {
    let checksum: string;

    beforeEach(() => {
      fill(source, 'a');
      snapshots.take(32, source);
      checksum = source.checksum();
    });

    it('takes the chunks from there', async () => {
      snapshots.told = proofOf;

      expect((await start()).durable.snapshot?.lastIncludedIndex).toBe(32);
      expect(machine.checksum()).toBe(checksum);
      expect(snapshots.readCount).toBe(0);
    });

    it('takes those of the last proof where there were several', async () => {
      snapshots.told = (newest) => [...proofOf(newest).slice(0, 3), ...proofOf(newest)];

      await start();
      expect(machine.checksum()).toBe(checksum);
      expect(snapshots.readCount).toBe(0);
    });

    it.each<[string, TestSnapshots['told']]>([
      ['without its end', (newest) => proofOf(newest).slice(0, -1)],
      ['without a chunk', (newest) => proofOf(newest).toSpliced(-2, 1)],
      ['of another snapshot', (newest) => [{ kind: 'begin', index: 31 }, ...proofOf(newest).slice(1)]],
      [
        'whose chunks are in no order',
        (newest) =>
          proofOf(newest)
            .toSpliced(1, 1)
            .toSpliced(4, 0, at(proofOf(newest), 1)),
      ],
    ])('reads a snapshot after a proof %s', async (_what, told) => {
      snapshots.told = told;

      await start();
      expect(machine.checksum()).toBe(checksum);
      expect(snapshots.readCount).toBeGreaterThan(0);
    });

    it('puts nothing into force before the snapshot is that of the start', async () => {
      const before = machine.checksum();
      snapshots.told = proofOf;
      snapshots.stored.splice(0, 1, { ...at(snapshots.stored, 0), chunks: [new Uint8Array(8)] });

      await expect(start()).rejects.toThrow(CorruptStateError);
      expect(machine.checksum()).toBe(before);
    });
  });
});
