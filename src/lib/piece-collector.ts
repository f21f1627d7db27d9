/** Puts pieces together again from bytes that were cut anywhere; the reader of each piece says how long the next one is. */
export class PieceCollector {
  private filled = 0;

  /** @param piece - Memory of the first piece, as long as it. */
  constructor(private piece: Uint8Array) {}

  /** The next piece comes into `memory` and is as long as that. */
  expect(memory: Uint8Array): void {
    this.piece = memory;
    this.filled = 0;
  }

  /** Whether nothing of the next piece is there. */
  get isEmpty(): boolean {
    return this.filled === 0;
  }

  /**
   * Takes the next bytes. The generator must be run to its end.
   *
   * @returns The pieces that they complete; {@link expect} is called for each before the next one is taken.
   */
  *add(bytes: Uint8Array): Generator<Uint8Array, void> {
    for (let taken = 0; taken < bytes.length;) {
      const part = bytes.subarray(taken, taken + this.piece.length - this.filled);
      this.piece.set(part, this.filled);
      this.filled += part.length;
      taken += part.length;
      if (this.filled === this.piece.length) {
        yield this.piece;
      }
    }
  }
}
