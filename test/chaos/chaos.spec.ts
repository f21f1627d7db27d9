import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runChaos } from './chaos-run.js';
import { drawnSeed } from './options.js';
import { summaryOf } from './summary.js';

const lines: string[] = [];
let afterTest = new AbortController();

beforeEach(() => {
  afterTest = new AbortController();
});

afterEach(() => {
  afterTest.abort();
});

/** Long enough for a machine on which every start of a node takes many seconds. */
const patienceMs = 900_000;

it.each([
  ['nodes, disks and links fail for a minute', 'sqlite', 60],
  ['nodes, their Postgres server and links fail for half a minute', 'postgres', 30],
] as const)(
  'clients see one history, and nothing is lost or done twice, while %s',
  async (_what, storage, seconds) => {
    lines.splice(0);
    const drawn = { seed: drawnSeed(), nodeCount: 3, clientCount: 6, faults: null, flags: [] };
    const options = { ...drawn, seconds, storage };
    const print = (line: string): void => {
      lines.push(line);
    };
    const result = await runChaos({ options, patches: [], print, signal: afterTest.signal });
    const story = [...lines, ...summaryOf(result)].join('\n');
    process.stderr.write(
      `${seconds} s of faults on ${storage} with seed ${options.seed}: ${result.recoveries.length} faults\n`,
    );
    expect(result.findings.length === 0 ? '' : story).toBe('');
    expect(result.recoveries.length).toBeGreaterThan(0);
    expect(result.tally.get('put ok') ?? 0).toBeGreaterThan(0);
  },
  patienceMs,
);
