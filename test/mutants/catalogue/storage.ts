import type { Mutant } from '../mutant.js';
import { byTest } from '../mutant.js';

/** Bugs in the SQL store, which the simulator replaces by a disk of its own. */
export const storageMutants: readonly Mutant[] = [
  {
    id: 'M15',
    bug: 'Batches after the one that a conflict replaces stay in the stored log.',
    edits: [
      {
        file: 'src/storage/log-statements.ts',
        before: 'deleteFrom: `DELETE FROM log_batch WHERE first_index >= ${one}`,',
        after: 'deleteFrom: `DELETE FROM log_batch WHERE first_index = ${one}`,',
      },
    ],
    killers: [byTest('test/storage/sqlite.spec.ts', 'cuts a batch that a conflict meets in its middle')],
  },
  {
    id: 'M16',
    bug: 'Entries and hard state of one write are two transactions.',
    edits: [
      {
        file: 'src/storage/typeorm-batch-store.ts',
        before: '      await this.append(runner, write.batches, before);\n',
        after:
          '      await this.append(runner, write.batches, before);\n' +
          '    });\n' +
          '    await this.session.transaction(0, async (runner) => {\n',
      },
    ],
    killers: [
      byTest(
        'test/storage/crash-points.spec.ts',
        'holds all of a write or nothing of it, whichever statement the crash met',
      ),
    ],
  },
  {
    id: 'M41',
    bug: 'A batch that does not match its checksum is taken for a torn end, and the log is cut there.',
    edits: [
      {
        file: 'src/storage/load-log.ts',
        before: '      requireNext(end.lastIndex, row, batch);\n',
        after:
          '      try {\n' +
          '        requireNext(end.lastIndex, row, batch);\n' +
          '      } catch {\n' +
          '        const hardState = await loadHardState(tables.hardStates, end);\n' +
          '        return { base, lastIndex: end.lastIndex, lastTerm: end.lastTerm, hardState };\n' +
          '      }\n',
      },
    ],
    killers: [byTest('test/storage/damage.spec.ts', 'are not cut where the damage is: mended, they are whole again')],
  },
];
