/** A name that ends in a hyphen and a number, as the pods of a StatefulSet have: `raftdb-3`. */
export interface OrdinalName {
  /** What stands before the hyphen. */
  readonly family: string;
  readonly ordinal: number;
}

const pattern = /^(.+)-(0|[1-9]\d{0,5})$/;

/** Takes such a name apart; null where it is another one. */
export function parseOrdinalName(name: string): OrdinalName | null {
  const [, family, digits] = pattern.exec(name) ?? [];
  return family === undefined || digits === undefined ? null : { family, ordinal: Number(digits) };
}
