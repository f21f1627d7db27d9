/** What a member says of its log. */
export interface LogEnd {
  readonly id: string;
  readonly voter: boolean;
  readonly lastTerm: number;
  readonly lastIndex: number;
}

/**
 * The one whose log is the most up to date, as an election would compare them: any entry that a lost majority had
 * acknowledged and that is left anywhere among these is in it.
 *
 * @returns Null where there is nobody.
 * @see Ongaro 2014 §3.6.1
 */
export function chooseSurvivor<T extends LogEnd>(members: readonly T[]): T | null {
  return [...members].sort(byPlace)[0] ?? null;
}

/** Of logs that end alike a voter's comes first, then the lower id, so that each survivor names the same one. */
function byPlace(a: LogEnd, b: LogEnd): number {
  return (
    b.lastTerm - a.lastTerm || b.lastIndex - a.lastIndex || Number(b.voter) - Number(a.voter) || (a.id < b.id ? -1 : 1)
  );
}
