import type { Mutant } from '../mutant.js';
import { bySimulator } from '../mutant.js';

const installSnapshot = 'src/raft/replication/install-snapshot.ts';
const snapshotter = 'src/consensus/snapshotter.ts';

/** Bugs in snapshots and in the log around them. */
export const snapshotMutants: readonly Mutant[] = [
  {
    // A snapshot and its position are one row; what is stored apart from it is the log that has to follow it.
    id: 'M17',
    bug: 'A start after a crash between storing a snapshot and the log that follows it takes the log as it is.',
    edits: [
      {
        file: 'src/raft/log/raft-log.ts',
        before: 'const usable = reachesAnchor(stored, anchor) ? stored : [];',
        after: 'const usable = reachesAnchor(stored, anchor) ? stored : stored;',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M30',
    bug: 'A snapshot takes the members from the entries since the one before it, and has none where these name none.',
    edits: [
      {
        file: snapshotter,
        before: "import type { LogIndex, RaftCore } from '../raft/index.js';",
        after:
          "import { Configuration } from '../raft/index.js';\nimport type { LogIndex, RaftCore } from '../raft/index.js';",
      },
      {
        file: snapshotter,
        before: 'configuration: log.configurationAsOf(index),',
        after:
          'configuration: log.configurationIndex > log.snapshotIndex' +
          ' ? log.configurationAsOf(index) : Configuration.empty,',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M39',
    bug: 'A snapshot whose receiver crashed stays under way for ever.',
    edits: [
      {
        file: 'src/raft/replication/send-snapshot.ts',
        before: 'state.now - progress.snapshot.sentTick >= state.config.electionTimeoutTicks',
        after: 'state.now < progress.snapshot.sentTick',
      },
    ],
    killers: bySimulator,
  },
  {
    id: 'M40',
    bug: 'A follower installs a snapshot that ends before what it has committed.',
    edits: [
      {
        file: installSnapshot,
        before: '  if (snapshot.lastIncludedIndex <= state.commitIndex) {\n',
        after: '  if (snapshot.lastIncludedIndex <= 0) {\n',
      },
      {
        file: installSnapshot,
        before: '  if (receiving.metadata.lastIncludedIndex <= state.commitIndex) {\n',
        after: '  if (receiving.metadata.lastIncludedIndex <= 0) {\n',
      },
      {
        file: installSnapshot,
        before:
          "  assert(metadata.lastIncludedIndex > state.commitIndex, 'installing moves the commit index forward');\n",
        after: '',
      },
    ],
    killers: bySimulator,
  },
];
