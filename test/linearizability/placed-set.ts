/** A set of small numbers, one bit each. */
export class PlacedSet {
  private readonly words: Uint32Array;

  /** @param size - The numbers 0 to `size - 1` may be in it. */
  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(member: number): boolean {
    return ((this.word(member >>> 5) >>> (member & 31)) & 1) === 1;
  }

  add(member: number): void {
    this.words[member >>> 5] = this.word(member >>> 5) | (1 << (member & 31));
  }

  delete(member: number): void {
    this.words[member >>> 5] = this.word(member >>> 5) & ~(1 << (member & 31));
  }

  /** The numbers of 32 bits that make up the set. */
  copy(): number[] {
    return Array.from(this.words);
  }

  /**
   * A text that tells the members between the two bounds, both included, from any other choice between the same bounds.
   * What lies beside them in the same words counts too: the caller knows it to be the same.
   */
  textBetween({ first, last }: { first: number; last: number }): string {
    let text = '';
    for (let index = first >>> 5; index <= last >>> 5; index += 1) {
      const word = this.word(index);
      text += String.fromCharCode(word & 0xffff, word >>> 16);
    }
    return text;
  }

  private word(index: number): number {
    return this.words[index] ?? 0;
  }
}
