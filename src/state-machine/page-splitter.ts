import { at } from '../lib/assert.js';
import { ByteReader, MalformedBytesError } from '../lib/bytes.js';
import { PieceCollector } from '../lib/piece-collector.js';
import {
  snapshotFormatVersion,
  snapshotMagic,
  snapshotPageBytes,
  snapshotPageBytesMax,
  snapshotPreambleBytes,
} from './snapshot-format.js';

const lengthBytes = 4;

/** Puts the pages of a snapshot together again from chunks that were cut anywhere. Holds one page at most. */
export class PageSplitter {
  private expects: 'preamble' | 'length' | 'page' = 'preamble';
  /** The memory of all pieces: fresh memory for each of them would cost more than what is done with it. */
  private memory = new Uint8Array(snapshotPageBytes * 2);
  private readonly collector = new PieceCollector(this.memory.subarray(0, snapshotPreambleBytes));

  /**
   * Takes the next chunk. The generator must be run to its end.
   *
   * @returns The pages that it completes, each to be read before the next one is taken: they share their memory.
   * @throws MalformedBytesError when the bytes are no snapshot, or one of a newer format.
   */
  *add(chunk: Uint8Array): Generator<Uint8Array, void> {
    for (const piece of this.collector.add(chunk)) {
      const isPage = this.expects === 'page';
      this.expectNext(piece);
      if (isPage) {
        yield piece;
      }
    }
  }

  /** Whether the stream may end here. */
  get isBetweenPages(): boolean {
    return this.expects === 'length' && this.collector.isEmpty;
  }

  private expectNext(piece: Uint8Array): void {
    switch (this.expects) {
      case 'preamble':
        requirePreamble(piece);
        this.expect('length', lengthBytes);
        break;
      case 'length':
        this.expect('page', readPageLength(piece));
        break;
      case 'page':
        this.expect('length', lengthBytes);
        break;
    }
  }

  private expect(what: 'length' | 'page', length: number): void {
    this.expects = what;
    if (length > this.memory.length) {
      this.memory = new Uint8Array(length);
    }
    this.collector.expect(this.memory.subarray(0, length));
  }
}

function requirePreamble(preamble: Uint8Array): void {
  if (!snapshotMagic.every((byte, index) => byte === preamble[index])) {
    throw new MalformedBytesError('not a snapshot of raftdb');
  }
  const version = at([...preamble], snapshotMagic.length);
  if (version !== snapshotFormatVersion) {
    throw new MalformedBytesError(`a snapshot has format ${version}, this program reads ${snapshotFormatVersion}`);
  }
}

function readPageLength(bytes: Uint8Array): number {
  const length = new ByteReader(bytes).u32();
  if (length === 0 || length > snapshotPageBytesMax) {
    throw new MalformedBytesError(`a page of a snapshot has ${length} bytes`);
  }
  return length;
}
