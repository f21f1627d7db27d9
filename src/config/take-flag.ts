/** A flag of a command's own, and the arguments without it. */
export interface TakenFlag {
  /** Null where the flag is not there; empty where nothing follows it. */
  readonly text: string | null;
  readonly rest: readonly string[];
}

/** Takes `-name value` or `-name=value`, with one dash or two, out of the arguments; the first of them where several are. */
export function takeFlag(args: readonly string[], name: string): TakenFlag {
  const bare = [`-${name}`, `--${name}`];
  const place = args.findIndex((arg) => bare.some((flag) => arg === flag || arg.startsWith(`${flag}=`)));
  if (place === -1) {
    return { text: null, rest: args };
  }
  const arg = args[place] ?? '';
  const equals = arg.indexOf('=');
  const inline = equals === -1 ? null : arg.slice(equals + 1);
  return { text: inline ?? args[place + 1] ?? '', rest: args.toSpliced(place, inline === null ? 2 : 1) };
}
