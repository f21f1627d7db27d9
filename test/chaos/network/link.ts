/**
 * What happens to the bytes that go one way between two parties.
 *
 * - `drop`: they vanish, also the news of a closed connection; connections stay as they are.
 * - `hold`: they wait and go on when that is over, as TCP's do after a partition.
 * - `delay`: each piece waits `ms` give or take `jitterMs`; the order is kept.
 * - `reset`: each piece resets its connection with this probability.
 * - `refuse`: new connections are reset at once; those that exist go on.
 * - `halfOpen`: the dialled side is gone and the dialling side is not told.
 */
export type LinkMode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  | { readonly kind: 'reset'; readonly probability: number }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'halfOpen' };

export const passing: LinkMode = { kind: 'pass' };

/** One direction between two parties, whatever connections there are: the mode of all of them. */
export class Link {
  private current: LinkMode = passing;
  private readonly followers = new Set<() => void>();

  constructor(
    readonly from: string,
    readonly to: string,
  ) {}

  get mode(): LinkMode {
    return this.current;
  }

  /** Whether bytes of this direction vanish at present. */
  get swallows(): boolean {
    return this.current.kind === 'drop' || this.current.kind === 'halfOpen';
  }

  /** Puts a mode in force for what is under way, too. */
  set(mode: LinkMode): void {
    this.current = mode;
    for (const follow of [...this.followers]) {
      follow();
    }
  }

  /** Calls `follow` after each change of the mode. @returns What ends that. */
  onChange(follow: () => void): () => void {
    this.followers.add(follow);
    return () => {
      this.followers.delete(follow);
    };
  }
}
