/**
 * A seeded generator of numbers (xoshiro128**, Blackman and Vigna 2018; the state is filled by splitmix32).
 *
 * It is the only source of randomness of the deterministic code: the same seed gives the same sequence on every
 * machine. It is no source of secrets.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed - Any integer; its lower 32 bits count. */
  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next();
  }

  /** An integer of 32 bits, 0 and 2^32 - 1 included. */
  uint32(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** A fraction, 0 included and 1 excluded. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer, `from` included and `until` excluded. */
  between(range: { from: number; until: number }): number {
    return range.from + Math.floor(this.fraction() * (range.until - range.from));
  }

  /** True in `probability` of the calls. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A generator of its own for one purpose, so that its use does not shift the numbers of another. */
  fork(): Random {
    return new Random(this.uint32());
  }
}
