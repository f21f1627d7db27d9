import type { Mutant } from '../mutant.js';
import { bySimulator } from '../mutant.js';

/** Bugs in what clients are told, and in what is remembered of them. */
export const clientMutants: readonly Mutant[] = [
  {
    id: 'M36',
    bug: 'Remembered answers are no part of a snapshot.',
    edits: [
      {
        file: 'src/state-machine/store-state.ts',
        before: '      idempotency: this.idempotency.clone(),\n',
        after: '      idempotency: new IdempotencyTable({ entriesMax: 0, bytesMax: 0 }),\n',
      },
      {
        file: 'src/state-machine/store-state.ts',
        before: '      checksum: this.checksum(),\n',
        after: '      checksum: this.checksum(new Checksum().value()),\n',
      },
      {
        file: 'src/state-machine/store-state.ts',
        before: '  checksum(): string {\n',
        after: '  checksum(remembered = this.idempotency.checksum): string {\n',
      },
      {
        file: 'src/state-machine/store-state.ts',
        before: '    sum.add(this.idempotency.checksum);\n',
        after: '    sum.add(remembered);\n',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M37',
    bug: 'Remembered answers expire by the clock of the node.',
    edits: [
      {
        file: 'src/state-machine/key-value-store.ts',
        before: 'const { idempotency: table, lastTimeMs: timeMs } = this.state;',
        after: 'const { idempotency: table } = this.state;\n    const timeMs = Date.now();',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M38',
    bug: 'A write that may still be applied is reported as one that was not.',
    edits: [
      {
        file: 'src/consensus/pending-proposals.ts',
        before: 'new OutcomeUnknownError(`${why}',
        after: 'new NoLeaderError(`${why}',
      },
    ],
    killers: bySimulator,
  },
];
