/** A piece of text in a file of the project that is replaced. */
export interface Edit {
  /** Path from the root of the project. */
  readonly file: string;
  /** The text as it stands; it occurs once in the file. */
  readonly before: string;
  readonly after: string;
}

/**
 * Who finds the bug.
 *
 * - `simulator`: runs of random seeds, until one breaks an invariant.
 * - `test`: the test of this name, which passes without the bug.
 */
export type Killer =
  { readonly kind: 'simulator' } | { readonly kind: 'test'; readonly file: string; readonly name: string };

/** A bug that somebody could make, planted in a copy of the code to see whether the tests find it. */
export interface Mutant {
  /** `M01`, `M02` and so on. */
  readonly id: string;
  /** What is wrong, in a sentence. */
  readonly bug: string;
  readonly edits: readonly Edit[];
  /** Each of them must find it. */
  readonly killers: readonly Killer[];
}

/** What most mutants name. */
export const bySimulator: readonly Killer[] = [{ kind: 'simulator' }];

/** The test `name` of `file`. */
export function byTest(file: string, name: string): Killer {
  return { kind: 'test', file, name };
}
