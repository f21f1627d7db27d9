import { readFileSync, writeFileSync } from 'node:fs';

/** A run that shows a mutant. */
export interface KillingSeed {
  readonly mutantId: string;
  readonly seed: number;
  /** Length of the part with faults; it belongs to the run as the seed does. */
  readonly events: number;
  /** The invariant that breaks. */
  readonly invariant: string;
}

const file = new URL('./killing-seeds.txt', import.meta.url);

const header = `# One run for each mutant that shows it: mutant, seed, events with faults, the invariant that breaks.
# A change of the simulator changes what seeds do: \`npm run mutants -- --write-seeds\` finds them anew.
`;

/** Reads `killing-seeds.txt`. */
export function readKillingSeeds(): KillingSeed[] {
  return parseKillingSeeds(readFileSync(file, 'utf8'));
}

/** Replaces the lines of the mutants that were found, and keeps those of the others. */
export function writeKillingSeeds(found: readonly KillingSeed[]): void {
  const ids = new Set(found.map((each) => each.mutantId));
  const kept = readKillingSeeds().filter((each) => !ids.has(each.mutantId));
  writeFileSync(file, formatKillingSeeds([...kept, ...found]));
}

/** @throws Error when a line is something else. */
export function parseKillingSeeds(text: string): KillingSeed[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const match = /^(M\d\d) +(\d+) +(\d+) +(\w+)$/.exec(line);
    if (match === null) {
      throw new Error(`killing-seeds.txt: "${line}" is not "mutant seed events invariant"`);
    }
    const [, mutantId = '', seed = '', events = '', invariant = ''] = match;
    return { mutantId, seed: Number(seed), events: Number(events), invariant };
  });
}

export function formatKillingSeeds(seeds: readonly KillingSeed[]): string {
  const lines = [...seeds]
    .sort((left, right) => (left.mutantId < right.mutantId ? -1 : 1))
    .map(({ mutantId, seed, events, invariant }) => `${mutantId} ${String(seed).padStart(5)} ${events} ${invariant}\n`);
  return `${header}${lines.join('')}`;
}
