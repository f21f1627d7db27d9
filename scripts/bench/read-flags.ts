import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

type Flags = NonNullable<ParseArgsConfig['options']>;
type Values<Known extends Flags> = ReturnType<typeof parseArgs<{ args: string[]; options: Known }>>['values'];

/** The values of the known flags. @throws UsageError for anything else. */
export function readFlags<const Known extends Flags>(args: readonly string[], options: Known): Values<Known> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number from `min` on. @throws UsageError for anything else. */
export function readCount(flag: string, text: string, min: number): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < min) {
    throw new UsageError(`${flag} takes a whole number from ${min} on, not "${text}"`);
  }
  return count;
}

/** Names out of `known`, with commas between. @throws UsageError for any other. */
export function readParts<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = known.find((each) => each === word);
    if (name === undefined) {
      throw new UsageError(`${flag} takes ${known.join(', ')}, not "${word}"`);
    }
    return name;
  });
}

/** Where nodes keep their data. @throws UsageError for anything else than the two. */
export function readStorage(text: string): 'sqlite' | 'postgres' {
  if (text !== 'sqlite' && text !== 'postgres') {
    throw new UsageError(`--storage takes sqlite or postgres, not "${text}"`);
  }
  return text;
}
