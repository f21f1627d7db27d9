import type { Mutant } from '../mutant.js';
import { bySimulator, byTest } from '../mutant.js';

/** Bugs in who is listened to. */
export const transportMutants: readonly Mutant[] = [
  {
    id: 'M43',
    bug: 'A node listens to members of another cluster.',
    edits: [
      {
        file: 'src/transport/hello.ts',
        before: '  if (hello.clusterId !== own.clusterId) {\n',
        after: "  if (hello.clusterId === '') {\n",
      },
    ],
    killers: [
      ...bySimulator,
      byTest(
        'test/transport/tcp.spec.ts',
        'a foreign cluster is refused both ways and reported to the node that it names',
      ),
    ],
  },
];
