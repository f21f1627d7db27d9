import { parseArgs } from 'node:util';
import { faultKinds } from './fault-kinds.js';
import type { FaultKind } from './fault-kinds.js';

/** What a run of faults is made of. */
export interface ChaosOptions {
  /** How long faults go on, in seconds; healing and checking come on top. */
  readonly seconds: number;
  readonly seed: number;
  readonly nodeCount: number;
  readonly clientCount: number;
  /** Where the nodes keep their data. */
  readonly storage: 'sqlite' | 'postgres';
  /** The kinds of fault to draw from; null: all. */
  readonly faults: readonly FaultKind[] | null;
  /** Flags of the nodes that replace those drawn from the seed. */
  readonly flags: readonly string[];
}

/** What the command line asks for. */
export type ChaosRequest =
  | { readonly kind: 'run'; readonly options: ChaosOptions; readonly weakened: string | null }
  | { readonly kind: 'scenario'; readonly name: string; readonly seed: number }
  | { readonly kind: 'help'; readonly problem: string | null };

export const usage = `npm run chaos -- [options]
  --minutes N        how long faults go on (default 10)
  --seed N           decides what happens (default: drawn and printed)
  --nodes N          3 or 5 (default 3)
  --clients N        1 to 32 (default 6)
  --storage KIND     sqlite or postgres (default sqlite)
  --faults A,B       these kinds alone: ${faultKinds.join(', ')}
  --scenario NAME    a directed scenario instead: deposed-leader, membership-race, reused-batch
  --weakened NAME    a build with a known fault, which must be found:
                     early-ack, local-reads, membership-race, reused-batch, forgotten-keys`;

const flags = {
  minutes: { type: 'string' },
  seed: { type: 'string' },
  nodes: { type: 'string' },
  clients: { type: 'string' },
  storage: { type: 'string' },
  faults: { type: 'string' },
  scenario: { type: 'string' },
  weakened: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Reads the command line; whatever is wrong with it becomes a request for help that says so. */
export function readOptions(args: readonly string[]): ChaosRequest {
  try {
    const { values } = parseArgs({ args: [...args], options: flags });
    if (values.help === true) {
      return { kind: 'help', problem: null };
    }
    const seed = numberOf(values.seed, { name: 'seed', fallback: drawnSeed(), min: 0, max: 2 ** 32 - 1 });
    if (values.scenario !== undefined) {
      return { kind: 'scenario', name: values.scenario, seed };
    }
    const options: ChaosOptions = {
      seconds: 60 * numberOf(values.minutes, { name: 'minutes', fallback: 10, min: 0.1, max: 1440 }),
      seed,
      nodeCount: numberOf(values.nodes, { name: 'nodes', fallback: 3, min: 1, max: 5 }),
      clientCount: numberOf(values.clients, { name: 'clients', fallback: 6, min: 1, max: 32 }),
      storage: storageKind(values.storage ?? 'sqlite'),
      faults: values.faults === undefined ? null : values.faults.split(',').map(faultKind),
      flags: [],
    };
    return { kind: 'run', options, weakened: values.weakened ?? null };
  } catch (error) {
    return { kind: 'help', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** A seed for a run that is given none. */
export function drawnSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

function numberOf(
  text: string | undefined,
  bounds: { readonly name: string; readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const value = text === undefined ? bounds.fallback : Number(text);
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new RangeError(`--${bounds.name} is a number from ${bounds.min} to ${bounds.max}`);
  }
  return value;
}

function storageKind(text: string): ChaosOptions['storage'] {
  if (text !== 'sqlite' && text !== 'postgres') {
    throw new RangeError('--storage is sqlite or postgres');
  }
  return text;
}

function faultKind(text: string): FaultKind {
  const found = faultKinds.find((kind) => kind === text);
  if (found === undefined) {
    throw new RangeError(`there is no fault ${text}`);
  }
  return found;
}
