import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ByteReader, ByteWriter, MalformedBytesError, equalBytes } from '../lib/bytes.js';
import { PieceCollector } from '../lib/piece-collector.js';
import { backupBlockBytesMax, countKeys } from '../state-machine/index.js';
import type { BackupContents } from '../state-machine/index.js';

/*
 * A backup is one stream of bytes:
 *
 *   preamble   8 bytes: the magic, then the format version
 *   blocks     u32 length, then that many bytes; the first is the header, the others hold keys
 *   end        u32 0, then the SHA-256 of everything before it
 *
 *   header     cluster id text, revision u53, number of keys u53, time of the backup u53 (milliseconds since 1970)
 *   keys       in byte order, each key text, value text, createRevision u53, modRevision u53, version u53
 */

/** Version of the form above; a reader refuses any other. */
export const backupFormatVersion = 1;

/** "RAFTDBB" in ASCII. */
const magic: readonly number[] = [0x52, 0x41, 0x46, 0x54, 0x44, 0x42, 0x42];
const preambleBytes = magic.length + 1;
const lengthBytes = 4;
const digestBytes = 32;

/** How every message begins. */
const refusal = 'the backup cannot be used';

/** What a backup says of itself. */
export interface BackupHeader {
  /** Of the cluster that it was made from. */
  readonly clusterId: string;
  /** Of the store when it was made. */
  readonly revision: number;
  readonly keyCount: number;
  /** For people: milliseconds since 1970 by the clock of the node that made it. */
  readonly createdMs: number;
}

/** Writes a backup piece by piece while the caller takes them; between two of them others have their turn. */
export async function* backupPieces(
  origin: Pick<BackupHeader, 'clusterId' | 'createdMs'>,
  { revision, keyCount, blocks }: BackupContents,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  const pass = (bytes: Uint8Array): Uint8Array => {
    hash.update(bytes);
    return bytes;
  };
  yield pass(Uint8Array.of(...magic, backupFormatVersion));
  const header = new ByteWriter().text(origin.clusterId).u53(revision).u53(keyCount).u53(origin.createdMs).finish();
  yield pass(framed(header));
  for (const block of blocks) {
    yield pass(framed(block));
    await nextTurn();
  }
  yield pass(new ByteWriter(lengthBytes).u32(0).finish());
  yield hash.digest();
}

function framed(block: Uint8Array): Uint8Array {
  return new ByteWriter(lengthBytes + block.length).block(block).finish();
}

/**
 * Reads a backup from pieces that were cut anywhere, and trusts nothing in it. Holds one block at most.
 *
 * Every method throws MalformedBytesError where the bytes are no whole and sound backup.
 */
export class BackupReader {
  private readonly hash: Hash = createHash('sha256');
  private expects: 'preamble' | 'length' | 'block' | 'digest' | 'nothing' = 'preamble';
  private readonly collector = new PieceCollector(new Uint8Array(preambleBytes));
  private found: BackupHeader | null = null;
  private keys = 0;
  private sum = new Uint8Array(0);

  /** Null before it was read. */
  get header(): BackupHeader | null {
    return this.found;
  }

  /** Keys so far. */
  get keyCount(): number {
    return this.keys;
  }

  /** SHA-256 of the backup, once {@link end} has found it right. */
  get digest(): Uint8Array {
    return this.sum;
  }

  /** Takes the next piece. The generator must be run to its end. @returns The blocks of keys that it completes. */
  *add(bytes: Uint8Array): Generator<Uint8Array, void> {
    for (const piece of this.collector.add(bytes)) {
      const keys = this.takeOrRefuse(piece);
      if (keys !== null) {
        yield keys;
      }
    }
  }

  /** States that this was all. @returns The header of a backup that is whole. */
  end(): BackupHeader {
    requireThat(this.expects === 'nothing' && this.found !== null, 'its end is missing');
    requireThat(this.keys === this.found.keyCount, `it has ${this.keys} keys, not ${this.found.keyCount}`);
    return this.found;
  }

  private takeOrRefuse(piece: Uint8Array): Uint8Array | null {
    try {
      return this.take(piece);
    } catch (error) {
      throw error instanceof MalformedBytesError && !error.message.startsWith(refusal)
        ? new MalformedBytesError(`${refusal}: ${error.message}`)
        : error;
    }
  }

  /** @returns The block where `piece` is one of keys. */
  private take(piece: Uint8Array): Uint8Array | null {
    requireThat(this.expects !== 'nothing', 'bytes follow its end');
    if (this.expects === 'digest') {
      this.sum = new Uint8Array(this.hash.digest());
      requireThat(equalBytes(this.sum, piece), 'its checksum is another one');
      this.expect('nothing', 0);
      return null;
    }
    this.hash.update(piece);
    switch (this.expects) {
      case 'preamble':
        requirePreamble(piece);
        this.expect('length', lengthBytes);
        return null;
      case 'length':
        this.takeLength(new ByteReader(piece).u32());
        return null;
      default:
        this.expect('length', lengthBytes);
        return this.takeBlock(piece);
    }
  }

  private takeLength(length: number): void {
    requireThat(length <= backupBlockBytesMax, `a block has ${length} bytes`);
    if (length === 0) {
      this.expect('digest', digestBytes);
    } else {
      this.expect('block', length);
    }
  }

  private takeBlock(block: Uint8Array): Uint8Array | null {
    if (this.found === null) {
      const reader = new ByteReader(block);
      const header = {
        clusterId: reader.text(),
        revision: reader.u53(),
        keyCount: reader.u53(),
        createdMs: reader.u53(),
      };
      reader.end();
      this.found = header;
      return null;
    }
    this.keys += countKeys(block, this.found.revision);
    return block;
  }

  private expect(what: 'length' | 'block' | 'digest' | 'nothing', length: number): void {
    this.expects = what;
    this.collector.expect(new Uint8Array(length));
  }
}

function requirePreamble(preamble: Uint8Array): void {
  requireThat(
    magic.every((byte, index) => byte === preamble[index]),
    'it is no backup of raftdb',
  );
  const version = preamble[magic.length] ?? 0;
  requireThat(version === backupFormatVersion, `it has format ${version}, this program reads ${backupFormatVersion}`);
}

function requireThat(condition: boolean, problem: string): asserts condition {
  if (!condition) {
    throw new MalformedBytesError(`${refusal}: ${problem}`);
  }
}
